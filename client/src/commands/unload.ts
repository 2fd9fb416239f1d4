/** Command: lists what is loaded and attached, what killed processes left behind too, and takes back what is picked. */

import * as vscode from "vscode";
import { errnoText } from "../../../server/src/toolchain/agent/errno.ts";
import { type Loaded, listLoaded, unload as unloadNames } from "../../../server/src/toolchain/agent/loaded.ts";
import { howText } from "../../../server/src/toolchain/agent/loaded-text.ts";
import { mayLoad } from "../../../server/src/toolchain/agent/root.ts";
import { placeText } from "../../../server/src/toolchain/agent/ways.ts";
import { rootInEditor } from "../kernel/ask-root.ts";
import { agentSource } from "../loading/agent-place.ts";
import { endHeld, type Held, heldAs, heldHere, show } from "../loading/holdings.ts";
import { mayRunTools, placeOfWork, tellProblem, withWork } from "../work.ts";
import type { Command } from "./command.ts";

export const unload: Command = {
  id: "hookpoint.unload",
  title: "Unload…",
  needs: "node",
  offered: "anywhere",
  run: async (context, { argument }) => {
    if (!mayRunTools()) return;
    const named = typeof argument === "string" ? heldAs(argument) : undefined;
    if (named !== undefined) {
      await end(named).catch(tellProblem);
      return;
    }
    // Whoever has the rights is shown all at once; others are not asked for root just to look.
    const isFree = await mayLoad();
    await choose(context, isFree ? await lookForOthers(context) : [], !isFree);
  },
};

interface Item extends vscode.QuickPickItem {
  readonly held?: Held;
  /** Of what is held, what is to be detached alone. */
  readonly number?: number;
  readonly other?: Loaded;
  readonly looks?: true;
}

async function choose(
  context: vscode.ExtensionContext,
  others: readonly Loaded[] | undefined,
  mayLook: boolean,
): Promise<void> {
  const items = [
    ...heldHere().flatMap(itemsOf),
    ...(others ?? []).map(otherItem),
    ...(mayLook ? [{ label: "$(search) Look for what others hold or was left behind…", looks: true } as const] : []),
  ];
  if (items.length === 0) {
    vscode.window.showInformationMessage("Nothing of Hookpoint's is loaded.");
    return;
  }
  const title = "Unload";
  const chosen = await vscode.window.showQuickPick<Item>(items, { title, canPickMany: true, matchOnDescription: true });
  if (chosen === undefined) return;
  await takeBack(chosen).catch(tellProblem);
  const names = chosen.flatMap(({ other }) => (other === undefined ? [] : [other.name]));
  if (names.length > 0) await unloadOthers(names, context);
  if (chosen.some(({ looks }) => looks === true)) {
    const found = await lookForOthers(context);
    if (found !== undefined) await choose(context, found, false);
  }
}

function itemsOf(held: Held): readonly Item[] {
  const { name, programs, attached } = held.holding;
  const count = programs.length === 1 ? "1 program" : `${programs.length} programs`;
  return [
    { label: name, description: `${count}, loaded by this window`, held },
    ...attached.map(
      ({ name: program, to, number }): Item => ({
        label: `$(debug-disconnect) ${program}`,
        description: `of ${name}: only detach ${placeText("from", to)}`,
        held,
        number,
      }),
    ),
  ];
}

function otherItem(other: Loaded): Item {
  const places = other.attached.map(({ name, to }) => `${name} ${placeText("to", to)}`).join(", ");
  return {
    label: other.name,
    description: howText(other),
    detail: places === "" ? other.object : `${other.object}: ${places}`,
    other,
  };
}

async function takeBack(chosen: readonly Item[]): Promise<void> {
  const whole = chosen.flatMap(({ held, number }) => (held === undefined || number !== undefined ? [] : [held]));
  for (const { held, number } of chosen) {
    if (held === undefined || number === undefined || whole.includes(held)) continue;
    const { name, to, error } = await held.holding.detach(number);
    show();
    if (error === 0) vscode.window.showInformationMessage(`${name} is detached ${placeText("from", to)}.`);
    else vscode.window.showErrorMessage(`${name} cannot be detached ${placeText("from", to)}: ${errnoText(error)}.`);
  }
  for (const held of whole) await end(held);
}

async function end(held: Held): Promise<void> {
  const { name } = held.holding;
  const left = await endHeld(held);
  if (left === 0) vscode.window.showInformationMessage(`${name} is unloaded.`);
  else vscode.window.showErrorMessage(`${left} of what was made for ${name} could not be taken back.`);
}

/** Undefined where it was cancelled or failed. */
async function lookForOthers(context: vscode.ExtensionContext): Promise<readonly Loaded[] | undefined> {
  const found = await withWork("Looking for what is loaded", placeOfWork(context), (work) =>
    listLoaded(agentSource(context), rootInEditor(work.signal), work),
  );
  return found?.filter(({ name }) => heldAs(name) === undefined);
}

async function unloadOthers(names: readonly string[], context: vscode.ExtensionContext): Promise<void> {
  const done = await withWork(`Unloading ${names.join(", ")}`, placeOfWork(context), (work) =>
    unloadNames(names, agentSource(context), rootInEditor(work.signal), work),
  );
  for (const { name, event, left } of done ?? []) {
    const [first] = left;
    if (first !== undefined)
      vscode.window.showErrorMessage(`${first.name} is still attached to ${first.to}: ${errnoText(first.error)}.`);
    else if (event === "held")
      vscode.window.showErrorMessage(`${name} is held by a process that does not end, or cannot be seen from here.`);
    else vscode.window.showInformationMessage(`${name} is unloaded.`);
  }
}
