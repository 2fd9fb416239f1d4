/** Command: attaches a program of the open file, which is loaded first, to a place that is asked for. */

import * as vscode from "vscode";
import type { Attached } from "../../../server/src/toolchain/agent/held.ts";
import { placeText } from "../../../server/src/toolchain/agent/ways.ts";
import { whyNotAttached } from "../../../server/src/toolchain/agent/why-not-attached.ts";
import { endHeld, type Held, show } from "../loading/holdings.ts";
import { loadInEditor } from "../loading/load.ts";
import { askWhere } from "../loading/where.ts";
import { chosenOrActive } from "../object-file.ts";
import { tellProblem } from "../work.ts";
import type { Command } from "./command.ts";

export const attachProgram: Command = {
  id: "hookpoint.attachProgram",
  title: "Attach…",
  needs: "node",
  offered: "bpf",
  run: async (context, { argument, session }) => {
    const file = await chosenOrActive(argument);
    if (file === undefined) return;
    const loaded = await loadInEditor(file, false, { context, session });
    if (loaded === undefined) return;
    const isAttached = await attach(loaded.held).catch(tellProblem);
    // What was loaded for this alone is not kept without it.
    if (isAttached !== true && loaded.isNew) await endHeld(loaded.held);
  },
};

async function attach({ holding }: Held): Promise<boolean> {
  const wanted = await askWhere(holding);
  if (wanted === undefined) return false;
  const said = await holding.attach(wanted.name, wanted.to);
  show();
  if (said.event === "failed") {
    vscode.window.showErrorMessage(`${await whyNotAttached(said)}.`);
    return false;
  }
  tell(said, holding.name);
  return true;
}

function tell({ name, to, output }: Attached, loaded: string): void {
  const actions = output === undefined ? [UNLOAD] : [OUTPUT, UNLOAD];
  vscode.window
    .showInformationMessage(`${name} is attached ${placeText("to", to)} until this window closes.`, ...actions)
    .then(async (choice) => {
      if (choice === UNLOAD) await vscode.commands.executeCommand("hookpoint.unload", loaded);
      if (choice === OUTPUT)
        await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content: output ?? "" }));
    });
}

const UNLOAD = "Unload";
const OUTPUT = "Show Output";
