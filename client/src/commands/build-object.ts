/** Command: compile the open file to a BPF object. */

import { basename } from "node:path";
import * as vscode from "vscode";
import type { BuildResult } from "../../../server/src/toolchain/build.ts";
import { generateVmlinux } from "../../../server/src/toolchain/vmlinux.ts";
import { activeSource } from "../active-source.ts";
import { buildInEditor, counted } from "../build/one-build.ts";
import { mayReplace } from "../replace.ts";
import { outputChannel, withWork } from "../work.ts";
import type { Command } from "./command.ts";

export const buildObject: Command = {
  id: "hookpoint.buildObject",
  title: "Build Object File",
  needs: "node",
  offered: "bpf",
  run: async (_, { argument }) => {
    const source = await activeSource();
    if (source !== undefined) await build(source, false, argument === FRESH_PROJECT);
  },
};

/** The argument for a project of ours that has just been made: its vmlinux.h is not there yet, and need not be asked about. */
const FRESH_PROJECT = "fresh project";

async function build(source: vscode.Uri, force: boolean, isNew = false): Promise<void> {
  const title = `Building ${basename(source.fsPath)}`;
  const result = await withWork(title, source, (work) => buildInEditor(source.fsPath, work, { force }));
  if (result === undefined) return;
  const withTypes = async (): Promise<void> => {
    if (await generateTypes(source)) await build(source, true);
  };
  if (isNew && lacksTypes(result)) await withTypes();
  else tell(result, { again: () => build(source, true), withTypes });
}

interface NextSteps {
  readonly again: () => Promise<void>;
  /** With the vmlinux.h that was missing. */
  readonly withTypes: () => Promise<void>;
}

/** All types of this machine's kernel: what is written next may need others than what is there. */
async function generateTypes(source: vscode.Uri): Promise<boolean> {
  const wish = { btf: undefined, sources: [source.fsPath], minimal: false, output: undefined, mayReplace };
  return (await withWork("Generating vmlinux.h", source, (work) => generateVmlinux(wish, work))) !== undefined;
}

/** Does not wait for the person to close the message. */
function tell(result: BuildResult, { again, withTypes }: NextSteps): void {
  const { ok, fresh, plan, diagnostics } = result;
  const object = basename(plan.object);
  const problems = counted(result);
  const all = problems === undefined ? "" : ` (${problems})`;
  const actions: Readonly<Record<string, () => unknown>> = {
    ...(fresh ? { "Build Again": again } : {}),
    ...(lacksTypes(result) ? { "Generate vmlinux.h and Build": withTypes } : {}),
    ...(diagnostics.length > 0
      ? { "Show Problems": () => vscode.commands.executeCommand("workbench.actions.view.problems") }
      : {}),
    "Show Output": () => outputChannel().show(true),
  };
  const first = diagnostics.find(({ severity }) => severity === "error")?.message ?? "the compiler does not say why";
  const shown = ok
    ? vscode.window.showInformationMessage(
        `${fresh ? `${object} is up to date` : `Built ${object}`}${all}.`,
        ...Object.keys(actions),
      )
    : vscode.window.showErrorMessage(`Build failed${all}: ${first}`, ...Object.keys(actions));
  shown.then((choice) => (choice === undefined ? undefined : actions[choice]?.()));
}

function lacksTypes({ diagnostics }: BuildResult): boolean {
  return diagnostics.some(({ explanation }) => explanation?.id === "vmlinux-missing");
}
