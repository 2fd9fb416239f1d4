/** Command: how the open file is compiled: each flag with where it comes from and why, and how to change it. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { planBuild } from "../../../server/src/toolchain/plan.ts";
import { flagsPage } from "../../../server/src/toolchain/show-flags.ts";
import { activeSource } from "../active-source.ts";
import { withWork } from "../work.ts";
import type { Command } from "./command.ts";

export const showBuildFlags: Command = {
  id: "hookpoint.showBuildFlags",
  title: "Show Build Flags",
  needs: "node",
  offered: "bpf",
  run: async (context) => {
    const source = await activeSource();
    if (source === undefined) return;
    const plan = await withWork("Looking for flags", source, (work) => planBuild(source.fsPath, work));
    if (plan !== undefined) await show(flagsPage(plan), source, context);
  },
};

const SCHEME = "hookpoint-flags";

/** Pages that were shown: the preview asks for its text whenever it likes. */
const pages = new Map<string, string>();
const changed = new vscode.EventEmitter<vscode.Uri>();

async function show(page: string, source: vscode.Uri, context: vscode.ExtensionContext): Promise<void> {
  if (pages.size === 0) {
    const provider = {
      onDidChange: changed.event,
      provideTextDocumentContent: (uri: vscode.Uri) => pages.get(uri.toString()),
    };
    context.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider));
  }
  const uri = vscode.Uri.from({
    scheme: SCHEME,
    path: `/Flags of ${basename(source.fsPath)}.md`,
    query: source.fsPath,
  });
  pages.set(uri.toString(), page);
  changed.fire(uri);
  await vscode.commands.executeCommand("markdown.showPreviewToSide", uri);
}
