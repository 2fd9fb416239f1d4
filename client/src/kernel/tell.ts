/** What came of a verification, in one message with what to do next; it does not wait for the person to close it. */

import * as vscode from "vscode";
import type { Verified } from "../../../server/src/toolchain/verify.ts";
import { outputChannel } from "../work.ts";
import { showLog } from "./log-documents.ts";
import type { Located } from "./problems.ts";

/** @param kernel "Linux 6.18.44 on this machine" */
export function tellVerified(
  { programs, answers, withoutLines }: Verified,
  located: readonly Located[],
  kernel: string,
  context: vscode.ExtensionContext,
): void {
  const refused = programs.filter(({ verdict }) => verdict === "refused");
  if (refused.length === 0 && answers.length === 0) {
    const what = programs.length === 1 ? `${programs[0]?.name ?? "The program"} is` : `${programs.length} programs are`;
    const said = programs.length === 0 ? "There is no program in it." : `${what} accepted by ${kernel}.`;
    vscode.window.showInformationMessage(said);
    return;
  }
  const first = (refused[0]?.answers ?? answers)[0];
  const why = first === undefined ? "nothing says why" : first.title;
  const what =
    refused.length === 0
      ? "Not loaded"
      : programs.length === 1
        ? `${refused[0]?.name ?? "The program"} is refused`
        : `${refused.length} of ${programs.length} programs ${refused.length === 1 ? "is" : "are"} refused`;
  const lines = withoutLines === undefined ? "" : `. ${withoutLines}`;
  const actions: Readonly<Record<string, () => unknown>> = {
    ...(located.length > 0 ? { [SHOW_PROBLEMS]: showProblems } : {}),
    ...(refused[0]?.log ? { "Show Log": () => refused[0] && showLog(refused[0], context, first) } : {}),
    "Show Output": () => outputChannel().show(true),
  };
  vscode.window
    .showErrorMessage(`${what} by ${kernel}: ${why}${lines}`, ...Object.keys(actions))
    .then((choice) => choice && actions[choice]?.());
}

const SHOW_PROBLEMS = "Show Problems";

function showProblems(): Thenable<unknown> {
  return vscode.commands.executeCommand("workbench.actions.view.problems");
}
