/** What the agent says of what it holds, runs, lists and unloads, one JSON object a line: `hold.c`, `loaded.c` and `run.c` agree on this. */

import { ToolProblem } from "../problem.ts";

export interface HeldProgram {
  readonly event: "program";
  readonly name: string;
  readonly section: string;
  /** As the kernel knows it; what nobody may look at has none. */
  readonly id?: number;
  /** As the kernel numbers them. */
  readonly type: number;
  readonly attachType: number;
  /** Its path in bpffs; empty where it is pinned nowhere. */
  readonly pinned: string;
}

export interface HeldMap {
  readonly event: "map";
  readonly name: string;
  readonly id?: number;
  readonly type: number;
  readonly pinned: string;
}

/** A program on its place, or the map of a struct_ops in use. */
export interface Attached {
  readonly event: "attached";
  readonly number: number;
  readonly name: string;
  /** As it was asked for: `xdp:lo`. */
  readonly to: string;
  /** The kernel's number of the link; 0 or nothing where there is none. */
  readonly link?: number;
  /** What an iterator has told, read once. */
  readonly output?: string;
  /** Whether it is in the network that is ours; only of what was listed. */
  readonly here?: number;
}

export interface NotAttached {
  readonly event: "failed";
  readonly name: string;
  readonly to: string;
  readonly error: number;
  /** What we know of the reason; a clause, or empty. */
  readonly why: string;
  /** What libbpf printed. */
  readonly words: string;
}

export interface Detached {
  readonly event: "detached";
  readonly number: number;
  readonly name: string;
  readonly to: string;
  readonly error: number;
}

/** The kernel or libbpf does not take the object. */
export interface NotLoaded {
  readonly event: "refused" | "problem";
  readonly error: number;
  readonly why: string;
  readonly words: string;
}

/** Something of that name is loaded already. */
export interface InTheWay {
  readonly event: "inTheWay";
  readonly name: string;
  /** The process that holds it: 0 where there is none, -1 where it cannot be seen. */
  readonly holder: number;
  readonly stays: number;
}

export interface NowHolding {
  readonly event: "holding";
  readonly name: string;
  readonly process: number;
  readonly pins: number;
}

export interface Stays {
  readonly event: "stays";
  readonly name: string;
}

export interface Gone {
  readonly event: "gone";
  readonly name: string;
  /** How many things could not be taken back. */
  readonly left: number;
}

export type HoldEvent =
  | HeldProgram
  | HeldMap
  | Attached
  | NotAttached
  | Detached
  | NotLoaded
  | InTheWay
  | NowHolding
  | Stays
  | Gone;

/** What a line says; undefined where it is none of these: the first line says who answers. */
export function eventOf<T extends { readonly event: string }>(line: string): T | undefined {
  if (line === "") return undefined;
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return "event" in value ? (value as T) : undefined;
  } catch {
    // Said below.
  }
  throw new ToolProblem(`The agent that loads programs was cut off: ${line.slice(0, 200)}`);
}

export function eventsOf<T extends { readonly event: string }>(output: string): readonly T[] {
  return output.split("\n").flatMap((line) => eventOf<T>(line) ?? []);
}
