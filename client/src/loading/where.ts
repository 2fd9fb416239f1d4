/** Asks which program is to be attached, and where. */

import * as vscode from "vscode";
import type { HeldMap, HeldProgram } from "../../../server/src/toolchain/agent/held.ts";
import type { Holding } from "../../../server/src/toolchain/agent/hold.ts";
import { isStructOps, type Way, waysOf, whereText } from "../../../server/src/toolchain/agent/ways.ts";
import { cgroupFolders } from "../../../server/src/toolchain/cgroups.ts";
import { type NetworkInterface, networkInterfaces } from "../../../server/src/toolchain/interfaces.ts";

export interface Wanted {
  readonly name: string;
  readonly to: string;
}

/** Undefined where the person has left, or after telling that there is nothing to attach. */
export async function askWhere({ name, programs, maps }: Holding): Promise<Wanted | undefined> {
  const all = [
    ...programs.filter((program) => waysOf(program).length > 0).map((program) => item(program, program.section)),
    ...maps.filter(isStructOps).map((map) => item(map, "struct_ops")),
  ];
  if (all.length === 0) {
    vscode.window.showInformationMessage(`Nothing of ${name} can be attached: its programs are called by others.`);
    return undefined;
  }
  const chosen =
    all.length === 1 ? all[0] : await vscode.window.showQuickPick(all, { title: "Attach (1/2): Which Program?" });
  if (chosen === undefined) return undefined;
  const { one } = chosen;
  const to = "section" in one ? await askPlace(one, maps) : "auto";
  return to === undefined ? undefined : { name: one.name, to };
}

function item(one: HeldProgram | HeldMap, description: string) {
  return { label: one.name, description, one };
}

interface Place extends vscode.QuickPickItem {
  readonly to: () => Promise<string | undefined>;
}

async function askPlace(program: HeldProgram, maps: readonly HeldMap[]): Promise<string | undefined> {
  const places = (await Promise.all(waysOf(program).map((way) => placesOf(way, maps)))).flat();
  const [only] = places;
  if (places.length === 1 && only?.description === undefined) return only?.to();
  const title = `Attach (2/2): Where to Attach ${program.name}?`;
  const chosen = await vscode.window.showQuickPick(places, { title, matchOnDescription: true, matchOnDetail: true });
  return chosen?.to();
}

async function placesOf(way: Way, maps: readonly HeldMap[]): Promise<readonly Place[]> {
  switch (way.place) {
    case "interface": {
      const interfaces = await networkInterfaces();
      return interfaces.flatMap((one) => onInterface(way, one));
    }
    case "cgroup":
      return onCgroup(way);
    case "map":
      return maps
        .filter(({ type }) => SOCKET_MAPS.has(type))
        .map(({ name }) => place(name, way.label, whereText(way, name, "")));
    case "nothing":
      return [{ label: way.label, to: async () => way.word }];
  }
}

const SOCKET_MAPS: ReadonlySet<number> = new Set([15, 18]);

function place(label: string, description: string, to: string, detail?: string): Place {
  return { label, description, ...(detail === undefined ? {} : { detail }), to: async () => to };
}

function onInterface(way: Way, one: NetworkInterface): readonly Place[] {
  const variants = way.variants.length === 0 ? [""] : way.variants;
  return variants.map((variant) => {
    const about = `${way.label}${one.isUp ? "" : ", which is down"}`;
    const label = variant === "" ? one.name : `${one.name} ${variant}`;
    const to = whereText(way, one.name, variant);
    return { label, description: about, to: async () => ((await mayCut(way, one)) ? to : undefined) };
  });
}

/** A program that drops packets can cut the very connection by which this editor is reached. */
async function mayCut({ word }: Way, { name, isUp, isLoopback, isPair }: NetworkInterface): Promise<boolean> {
  // The loopback is what a window elsewhere is connected through, by a tunnel or a proxy.
  const isElsewhere = vscode.env.remoteName !== undefined || vscode.env.uiKind === vscode.UIKind.Web;
  if (!isUp || isPair || (isLoopback && !isElsewhere) || word === "socket") return true;
  return agreed(
    `${name} is in use. Attach the program to it?`,
    "A program that drops or changes packets can cut this machine's connections, and yours to it.",
  );
}

async function agreed(question: string, risk: string): Promise<boolean> {
  const detail = `${risk} It is detached when this window closes.`;
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, ATTACH)) === ATTACH;
}

const ATTACH = "Attach";

async function onCgroup(way: Way): Promise<readonly Place[]> {
  const [top, ...folders] = await cgroupFolders();
  const known = folders.map((folder) => place(folder, "", `cgroup:${folder}`));
  const other: Place = { label: "A folder…", description: way.label, to: askFolder };
  return [...(top === undefined ? [] : [topCgroup(top)]), ...known, other];
}

function topCgroup(folder: string): Place {
  const question = "This is the cgroup of all processes. Attach the program to it?";
  const risk = "A program that refuses what they ask for can cut this machine's connections, and yours to it.";
  const to = async () => ((await agreed(question, risk)) ? `cgroup:${folder}` : undefined);
  return { label: folder, description: "all processes", to };
}

async function askFolder(): Promise<string | undefined> {
  const options = { title: "The Cgroup's Folder", canSelectFolders: true, canSelectFiles: false, openLabel: "Attach" };
  const [folder] = (await vscode.window.showOpenDialog(options)) ?? [];
  return folder && `cgroup:${folder.fsPath}`;
}
