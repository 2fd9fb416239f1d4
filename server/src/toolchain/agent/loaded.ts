/** What of ours is loaded on this machine, whoever holds it; and how to be rid of it. */

import type { Work } from "../choices.ts";
import { agentProgram } from "./agent.ts";
import { type Attached, eventsOf, type HeldMap, type HeldProgram } from "./held.ts";
import { type RootWish, runAgent } from "./root.ts";

export interface Loaded {
  readonly name: string;
  /** The path of the object, as it was given. */
  readonly object: string;
  /** Seconds since 1970. */
  readonly since: number;
  /** held: by the process. stays: as somebody has wished. left: by a holder that was killed. */
  readonly state: "held" | "stays" | "left";
  /** The process that holds it; undefined where there is none, or it cannot be seen from here. */
  readonly holder: number | undefined;
  readonly programs: readonly Pick<HeldProgram, "name" | "id" | "type" | "pinned">[];
  readonly maps: readonly Pick<HeldMap, "name" | "id" | "type" | "pinned">[];
  readonly attached: readonly Attached[];
}

interface Folder {
  readonly event: "loaded";
  readonly name: string;
  readonly object: string;
  readonly since: string;
  readonly holder: number;
  readonly stays: number;
}

interface Pinned {
  readonly event: "link";
}

/** @param source the folder with the agent's C files */
export async function listLoaded(source: string, root: RootWish, work: Work): Promise<readonly Loaded[]> {
  const output = await runAgent(await agentProgram(source, work), ["loaded"], root, work);
  const all: { folder: Folder; programs: HeldProgram[]; maps: HeldMap[]; attached: Attached[] }[] = [];
  for (const said of eventsOf<Folder | HeldProgram | HeldMap | Attached | Pinned>(output)) {
    const last = all.at(-1);
    if (said.event === "loaded") all.push({ folder: said, programs: [], maps: [], attached: [] });
    else if (said.event === "program") last?.programs.push(said);
    else if (said.event === "map") last?.maps.push(said);
    else if (said.event === "attached") last?.attached.push(said);
  }
  return all.map(({ folder: { name, object, since, holder, stays }, programs, maps, attached }) => ({
    name,
    object,
    since: Number(since),
    state: stays === 1 ? "stays" : holder === 0 ? "left" : "held",
    holder: holder > 0 ? holder : undefined,
    programs: programs.toSorted(byName),
    maps: maps.toSorted(byName),
    attached: attached.toSorted((a, b) => a.number - b.number),
  }));
}

/** What became of one that was to be unloaded. */
export interface Unloaded {
  /** held: its process does not end, or cannot be seen from here. */
  readonly event: "unloaded" | "notThere" | "held";
  readonly name: string;
  /** What could not be taken back, and why. */
  readonly left: readonly { readonly name: string; readonly to: string; readonly error: number }[];
}

interface Left {
  readonly event: "left";
  readonly name: string;
  readonly to: string;
  readonly error: number;
}

/** @param names all of them where it is "all" */
export async function unload(
  names: readonly string[] | "all",
  source: string,
  root: RootWish,
  work: Work,
): Promise<readonly Unloaded[]> {
  const args = names === "all" ? ["--all"] : names;
  const output = await runAgent(await agentProgram(source, work), ["unload", ...args], root, work);
  const unloaded: Unloaded[] = [];
  let left: Left[] = [];
  for (const said of eventsOf<Left | Omit<Unloaded, "left">>(output)) {
    if (said.event === "left") {
      left.push(said as Left);
      continue;
    }
    unloaded.push({ event: said.event, name: said.name, left });
    left = [];
  }
  return unloaded;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
