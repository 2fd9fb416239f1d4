/** Offers the command that installs what is missing. It runs in a terminal that the person sees, and only when they say so. */

import * as vscode from "vscode";
import { commandText, installation } from "../../server/src/toolchain/install.ts";
import type { Installable } from "../../server/src/toolchain/problem.ts";
import { thisSystem } from "../../server/src/toolchain/system.ts";

export async function offerInstall(wanted: readonly Installable[]): Promise<void> {
  const how = installation(wanted, await thisSystem());
  await offerCommand(commandText(how, process.getuid?.() === 0), how.advice);
}

const RUN = "Run in Terminal";
const COPY = "Copy Command";

/** @param command as it is typed into a terminal; a password is between the terminal and the person */
export async function offerCommand(command: string | undefined, advice: string): Promise<void> {
  if (command === undefined) {
    vscode.window.showInformationMessage(advice);
    return;
  }
  const detail = advice === "" ? command : `${command}\n\n${advice}`;
  const question = "Install what is missing with this command?";
  const chosen = await vscode.window.showInformationMessage(question, { modal: true, detail }, RUN, COPY);
  if (chosen === COPY) await vscode.env.clipboard.writeText(command);
  if (chosen !== RUN) return;
  const terminal = vscode.window.createTerminal("Hookpoint: Install");
  terminal.show();
  terminal.sendText(command, true);
}
