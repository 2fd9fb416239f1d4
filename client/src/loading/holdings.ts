/** What this window has loaded: it goes with the window, and a status item says how much it is. */

import * as vscode from "vscode";
import type { Holding } from "../../../server/src/toolchain/agent/hold.ts";
import { placeText } from "../../../server/src/toolchain/agent/ways.ts";

export interface Held {
  readonly holding: Holding;
  /** The object that was loaded, as it was then. */
  readonly object: string;
  readonly modified: number;
}

const held = new Map<string, Held>();
let item: vscode.StatusBarItem | undefined;

export function heldHere(): readonly Held[] {
  return [...held.values()];
}

export function heldAs(name: string): Held | undefined {
  return held.get(name);
}

export function keep(one: Held, context: vscode.ExtensionContext): void {
  const { holding } = one;
  if (item === undefined) {
    item = vscode.window.createStatusBarItem("hookpoint.loaded", vscode.StatusBarAlignment.Left);
    item.name = "Hookpoint: Loaded Programs";
    item.command = "hookpoint.unload";
    context.subscriptions.push(item, { dispose: endAll });
  }
  held.set(holding.name, one);
  show();
  holding.ended.then((left) => {
    if (held.get(holding.name) !== one) return;
    held.delete(holding.name);
    show();
    tellEnd(holding.name, left);
  });
}

/** Gives everything of it back; the number of things that could not be. */
export async function endHeld({ holding }: Held): Promise<number> {
  held.delete(holding.name);
  show();
  await holding.end();
  return (await holding.ended) ?? 0;
}

/** After something was attached or detached. */
export function show(): void {
  if (item === undefined) return;
  const all = heldHere();
  const programs = all.reduce((sum, { holding }) => sum + holding.programs.length, 0);
  if (programs === 0) {
    item.hide();
    return;
  }
  item.text = `$(vm-active) ${programs} loaded`;
  item.tooltip = new vscode.MarkdownString(
    [
      `${programs} eBPF program${programs === 1 ? " is" : "s are"} loaded by this window, and will be unloaded with it.`,
      ...all.map(({ holding }) => `- ${describe(holding)}`),
      "Click to unload.",
    ].join("\n\n"),
  );
  item.show();
}

function describe({ name, attached }: Holding): string {
  const places = attached.map(({ name: program, to }) => `\`${program}\` attached ${placeText("to", to)}`);
  return places.length === 0 ? `\`${name}\`` : `\`${name}\`: ${places.join(", ")}`;
}

/** Even without this they end: what they listen to is closed when we are. */
function endAll(): void {
  for (const { holding } of heldHere()) holding.end().catch(() => undefined);
  held.clear();
}

function tellEnd(name: string, left: number | undefined): void {
  if (left === 0) {
    vscode.window.showInformationMessage(`${name} was unloaded from outside.`);
    return;
  }
  const what = left === undefined ? "What held it was killed" : "Not all of it could be taken back";
  vscode.window
    .showWarningMessage(`${name} is no longer held. ${what}.`, UNLOAD)
    .then((choice) => choice && vscode.commands.executeCommand("hookpoint.unload"));
}

const UNLOAD = "Unload…";
