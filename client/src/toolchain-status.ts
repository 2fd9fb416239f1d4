/** The tools in the language status of C files: "clang 19 · bpftool 7.1", or what is missing. */

import * as vscode from "vscode";
import { bpftool } from "../../server/src/toolchain/bpftool.ts";
import { clang } from "../../server/src/toolchain/clang.ts";
import { gcc } from "../../server/src/toolchain/gcc.ts";
import { find, type ToolKind } from "../../server/src/toolchain/tool.ts";
import { choicesFor, placeOfWork, rootOf } from "./work.ts";

let refresh: () => void = () => undefined;

/** Begins with the first BPF file: plain C needs none of it. */
export function startToolchainStatus(context: vscode.ExtensionContext): void {
  const item = vscode.languages.createLanguageStatusItem("hookpoint.toolchain", [
    { language: "c" },
    { language: "cpp" },
  ]);
  item.name = "Hookpoint Toolchain";
  item.command = { command: "hookpoint.checkToolchain", title: "Check Toolchain" };
  refresh = () => void show(item, placeOfWork(context));
  context.subscriptions.push(
    item,
    vscode.workspace.onDidGrantWorkspaceTrust(refresh),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("hookpoint.tools") || event.affectsConfiguration("hookpoint.build")) refresh();
    }),
    // Something may have been installed in it.
    vscode.window.onDidCloseTerminal(refresh),
  );
  refresh();
}

/** For when the tools have just been looked at. */
export function refreshToolchainStatus(): void {
  refresh();
}

async function show(item: vscode.LanguageStatusItem, place: vscode.Uri): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    item.text = "tools: not looked for";
    item.detail = "The workspace is not trusted, so Hookpoint runs nothing in it.";
    item.severity = vscode.LanguageStatusSeverity.Information;
    return;
  }
  item.busy = true;
  try {
    const byGcc = choicesFor(place).compiler === "gcc";
    const answers = await Promise.all([
      byGcc ? versionOf(gcc, "gcc", place) : versionOf(clang, "clang", place),
      versionOf(bpftool, "bpftool", place),
    ]);
    item.text = answers.map(({ text }) => text).join(" · ");
    item.detail = "tools for eBPF";
    const { Information, Warning } = vscode.LanguageStatusSeverity;
    item.severity = answers.every(({ found }) => found) ? Information : Warning;
  } catch {
    // A tool that is replaced at this very moment: the next look finds it.
    item.text = "tools: not known";
  } finally {
    item.busy = false;
  }
}

interface Answer {
  readonly text: string;
  readonly found: boolean;
}

async function versionOf(kind: ToolKind, choice: "clang" | "gcc" | "bpftool", place: vscode.Uri): Promise<Answer> {
  const { tool } = await find(kind, choicesFor(place)[choice], rootOf(place));
  if (tool === undefined) return { text: `no ${kind.name}`, found: false };
  return { text: `${kind.name} ${shortened(tool.version)}`, found: true };
}

/** 19.1.7 is 19 to people, and 7.1.0 is 7.1. */
function shortened(version: string): string {
  const [major = "", minor = "0"] = version.split(".");
  return Number(major) > 9 || minor === "0" ? major : `${major}.${minor}`;
}
