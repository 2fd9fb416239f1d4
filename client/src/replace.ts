/** Asks before a person's file is replaced. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { Cancelled } from "../../server/src/toolchain/problem.ts";

export async function mayReplace(path: string): Promise<boolean> {
  const replace = "Replace";
  const detail = `${path} is there already, and no tool has made it.`;
  const chosen = await vscode.window.showWarningMessage(`Replace ${basename(path)}?`, { modal: true, detail }, replace);
  if (chosen !== replace) throw new Cancelled();
  return true;
}
