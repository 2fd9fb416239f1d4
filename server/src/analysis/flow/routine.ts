/** A function as it is walked through: its body, its graph, and how it is called. */

import type { BpfFunction, Param } from "../model.ts";
import type { Graph } from "./graph.ts";
import type { Body } from "./tree.ts";

export interface Routine {
  readonly name: string;
  readonly params: readonly Param[];
  /** What it returns, as written before its name; words like `static` may be among it. */
  readonly head: string;
  /** All of it, as written. */
  readonly text: string;
  readonly body: Body;
  readonly graph: Graph;
  /** Undefined in a header. */
  readonly fn: BpfFunction | undefined;
  readonly isStatic: boolean;
}

/** The functions of a file and its headers, by name. */
export type Routines = (name: string) => Routine | undefined;
