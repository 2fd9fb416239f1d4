/** Command: compile every BPF C file of the workspace. */

import * as vscode from "vscode";
import { summary } from "../../../server/src/toolchain/build-all.ts";
import { buildSources } from "../build/all.ts";
import { workspaceSources } from "../build/sources.ts";
import { allSaved, mayRunTools, outputChannel, placeOfWork, tellProblem, withWork } from "../work.ts";
import type { Command } from "./command.ts";

export const buildAll: Command = {
  id: "hookpoint.buildAll",
  title: "Build All",
  needs: "node",
  offered: "anywhere",
  run: async (context) => {
    if (!mayRunTools() || !(await allSaved())) return;
    const outcomes = await withWork("Building all BPF programs", placeOfWork(context), async (work) => {
      work.tell("looking for sources");
      const sources = await workspaceSources();
      const tell = (done: number): void => work.tell(`${done} of ${sources.length}`);
      tell(0);
      return buildSources(sources, work, { onDone: (_outcome, done) => tell(done) });
    });
    if (outcomes === undefined) return;
    const problem = outcomes.find((outcome) => outcome.problem !== undefined)?.problem;
    if (problem !== undefined) return tellProblem(problem);
    if (outcomes.length === 0) {
      vscode.window.showInformationMessage("There is no C file with BPF programs in this workspace.");
      return;
    }
    const isGood = outcomes.every(({ result }) => result?.ok === true);
    const show = isGood ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
    const actions = isGood ? ["Show Output"] : ["Show Problems", "Show Output"];
    show(`BPF programs: ${summary(outcomes)}.`, ...actions).then((choice) => {
      if (choice === "Show Problems") vscode.commands.executeCommand("workbench.actions.view.problems");
      if (choice === "Show Output") outputChannel().show(true);
    });
  },
};
