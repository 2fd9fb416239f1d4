/** Root in the editor: asked for with the very command; a password is between the person and sudo, in a terminal. */

import * as vscode from "vscode";
import type { RootWish } from "../../../server/src/toolchain/agent/root.ts";
import { quoted } from "../../../server/src/toolchain/step.ts";

const ONCE = "Run as Root";
const WINDOW = "Run, and Don't Ask Again in This Window";

/** The machines on which it was agreed to, "" for this one. Never kept beyond the window. */
const agreed = new Set<string>();

/** @param signal of the work that it is for: nobody waits at a terminal for what was cancelled */
export function rootInEditor(signal: AbortSignal): RootWish {
  const words = "Where sudo wants a password, it asks for it in a terminal.";
  const question = "The kernel lets only root load eBPF programs. Run this command as root?";
  return {
    mayUseRoot: (command) => mayUseRoot("", question, words, command),
    inTerminal: (command) => runInTerminal(command, signal),
  };
}

/** On a machine that ssh reaches there is no terminal. */
export function rootOn(host: string): Pick<RootWish, "mayUseRoot"> {
  const words = `sudo on ${host} has to do without a password: there is no terminal where it could ask.`;
  const question = `The kernel of ${host} lets only root load eBPF programs. Run this command as root there?`;
  return { mayUseRoot: (command) => mayUseRoot(host, question, words, command) };
}

async function mayUseRoot(
  machine: string,
  question: string,
  words: string,
  command: readonly string[],
): Promise<boolean> {
  if (agreed.has(machine)) return true;
  const detail = `${command.map(quoted).join(" ")}\n\nThe program is Hookpoint's own; its source is in the extension's folder. ${words}`;
  const chosen = await vscode.window.showWarningMessage(question, { modal: true, detail }, ONCE, WINDOW);
  if (chosen === WINDOW) agreed.add(machine);
  return chosen !== undefined;
}

/** The program itself is the terminal's: no shell reads the command. */
function runInTerminal([program = "", ...args]: readonly string[], signal: AbortSignal): Promise<void> {
  const terminal = vscode.window.createTerminal({
    name: "Hookpoint: sudo",
    shellPath: program,
    shellArgs: [...args],
    iconPath: new vscode.ThemeIcon("shield"),
    isTransient: true,
  });
  terminal.show();
  return new Promise((resolve) => {
    const stop = (): void => terminal.dispose();
    const listener = vscode.window.onDidCloseTerminal((closed) => {
      if (closed !== terminal) return;
      listener.dispose();
      signal.removeEventListener("abort", stop);
      resolve();
    });
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
}
