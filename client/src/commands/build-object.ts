/** Command: compile the open file to a BPF object. */

import { basename } from "node:path";
import * as vscode from "vscode";
import type { BuildResult } from "../../../server/src/toolchain/build.ts";
import { activeSource } from "../active-source.ts";
import { buildInEditor, counted } from "../build/one-build.ts";
import { outputChannel, withWork } from "../work.ts";
import type { Command } from "./command.ts";

export const buildObject: Command = {
  id: "hookpoint.buildObject",
  title: "Build Object File",
  needs: "node",
  offered: "bpf",
  run: async () => {
    const source = await activeSource();
    if (source !== undefined) await build(source, false);
  },
};

async function build(source: vscode.Uri, force: boolean): Promise<void> {
  const title = `Building ${basename(source.fsPath)}`;
  const result = await withWork(title, source, (work) => buildInEditor(source.fsPath, work, { force }));
  if (result !== undefined) tell(result, () => build(source, true));
}

/** Does not wait for the person to close the message. */
function tell(result: BuildResult, again: () => Promise<void>): void {
  const { ok, fresh, plan, diagnostics } = result;
  const object = basename(plan.object);
  const problems = counted(result);
  const all = problems === undefined ? "" : ` (${problems})`;
  const actions: Readonly<Record<string, () => unknown>> = {
    ...(fresh ? { "Build Again": again } : {}),
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
