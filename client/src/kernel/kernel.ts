/** The kernel that programs are verified by: this machine's, or that of the machine in the settings. */

import * as vscode from "vscode";
import { bySsh } from "../../../server/src/toolchain/agent/by-ssh.ts";
import { thisMachine } from "../../../server/src/toolchain/agent/here.ts";
import type { AskableKernel } from "../../../server/src/toolchain/agent/kernel-answer.ts";
import type { Work } from "../../../server/src/toolchain/choices.ts";
import { ToolProblem } from "../../../server/src/toolchain/problem.ts";
import { agentFolder } from "../loading/agent-place.ts";
import { rootInEditor, rootOn } from "./ask-root.ts";

const HOST = "hookpoint.verify.host";

/** @param place the file that is verified, whose settings count */
export function chosenKernel(
  place: vscode.Uri,
  { extensionUri }: vscode.ExtensionContext,
  { signal }: Pick<Work, "signal">,
): AskableKernel {
  const agent = agentFolder({ extensionUri });
  const host = vscode.workspace.getConfiguration(undefined, place).get<string>(HOST, "").trim();
  if (host !== "") return bySsh(host, agent, rootOn(host));
  if (process.platform !== "linux")
    throw new ToolProblem(
      "There is no Linux kernel on this machine that could verify a program. Name one that ssh reaches in the settings, or give eBPF: Explain Verifier Log a log that was made elsewhere.",
      { setting: HOST, command: { id: "hookpoint.explainVerifierLog", title: "Explain a Log" } },
    );
  return thisMachine(agent, rootInEditor(signal));
}
