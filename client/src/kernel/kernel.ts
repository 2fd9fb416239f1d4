/** The kernel that programs are verified by. */

import * as vscode from "vscode";
import { thisMachine } from "../../../server/src/toolchain/agent/here.ts";
import type { AskableKernel } from "../../../server/src/toolchain/agent/kernel-answer.ts";
import type { Work } from "../../../server/src/toolchain/choices.ts";
import { ToolProblem } from "../../../server/src/toolchain/problem.ts";
import { rootInEditor } from "./ask-root.ts";

export function chosenKernel(
  { extensionUri }: vscode.ExtensionContext,
  { signal }: Pick<Work, "signal">,
): AskableKernel {
  if (process.platform !== "linux")
    throw new ToolProblem(
      "There is no Linux kernel on this machine that could verify a program. Give eBPF: Explain Verifier Log a log that was made elsewhere.",
      { command: { id: "hookpoint.explainVerifierLog", title: "Explain a Log" } },
    );
  const agent = vscode.Uri.joinPath(extensionUri, "dist", "agent").fsPath;
  return thisMachine(agent, rootInEditor(signal));
}
