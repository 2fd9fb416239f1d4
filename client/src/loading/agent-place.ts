/** Where the agent's source is; what is loaded to stay needs this machine's own kernel as well. */

import * as vscode from "vscode";
import { ToolProblem } from "../../../server/src/toolchain/problem.ts";

/** The agent is compiled where it is used: here, in a guest, behind ssh. */
export function agentFolder({ extensionUri }: Pick<vscode.ExtensionContext, "extensionUri">): string {
  return vscode.Uri.joinPath(extensionUri, "dist", "agent").fsPath;
}

/** For a kernel of this machine's. */
export function agentSource(context: vscode.ExtensionContext): string {
  if (process.platform !== "linux")
    throw new ToolProblem("There is no Linux kernel on this machine that programs could be loaded into.");
  return agentFolder(context);
}
