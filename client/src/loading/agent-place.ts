/** What loading needs of this machine: the agent's source, and a Linux kernel. */

import * as vscode from "vscode";
import { ToolProblem } from "../../../server/src/toolchain/problem.ts";

export function agentSource({ extensionUri }: vscode.ExtensionContext): string {
  if (process.platform !== "linux")
    throw new ToolProblem("There is no Linux kernel on this machine that programs could be loaded into.");
  return vscode.Uri.joinPath(extensionUri, "dist", "agent").fsPath;
}
