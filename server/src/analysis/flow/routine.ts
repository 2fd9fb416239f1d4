/** A function as it is walked through: its body, its graph, and how it is called. */

import type { BpfFunction, Param } from "../model.ts";
import type { Sizes } from "../sizes.ts";
import { readBody } from "../syntax/body.ts";
import type { Lowered } from "../syntax/dialect.ts";
import type { FunctionOutline } from "../syntax/outline.ts";
import { type Graph, graphOf } from "./graph.ts";
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

/** A class: body and graph are asked for at every step of a walk. */
export class LazyRoutine implements Routine {
  readonly name: string;
  readonly params: readonly Param[];
  readonly head: string;
  readonly fn: BpfFunction | undefined;
  readonly isStatic: boolean;
  private readonly lowered: Lowered;
  private readonly outline: FunctionOutline;
  private readonly sizes: Sizes;
  private madeBody: Body | undefined;
  private madeGraph: Graph | undefined;

  constructor(
    parts: Pick<Routine, "fn" | "params" | "head"> & {
      readonly lowered: Lowered;
      readonly outline: FunctionOutline;
    },
    sizes: Sizes,
  ) {
    this.name = parts.outline.name;
    this.params = parts.params;
    this.head = parts.head;
    this.fn = parts.fn;
    this.isStatic = parts.outline.isStatic;
    this.lowered = parts.lowered;
    this.outline = parts.outline;
    this.sizes = sizes;
  }

  get text(): string {
    return this.lowered.source.slice(this.outline.start, this.outline.end);
  }

  get body(): Body {
    this.madeBody ??= readBody(this.lowered, this.outline, this.sizes.types.isType);
    return this.madeBody;
  }

  get graph(): Graph {
    this.madeGraph ??= graphOf(this.body, this.params);
    return this.madeGraph;
  }
}
