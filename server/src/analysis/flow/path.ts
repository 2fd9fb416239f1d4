/** One way through a program: what is known on it. It forks where the program may go either way. */

import type { Span } from "../text.ts";
import type { Node } from "./graph.ts";
import type { Routine } from "./routine.ts";
import { Shared, type SharedList } from "./tables.ts";
import type { Expression } from "./tree.ts";
import type { NumberValue, PointerValue, Thing, Value } from "./values.ts";

/** What is known of a number beyond what it is by itself. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
  /** It is not 0. */
  readonly notZero: boolean;
  /** The number that this was found out about. */
  readonly of?: NumberValue;
}

/** `maybe` is the verifier's: who uses it must ask first. `unknown` is only C's. */
export type Nullness = "unknown" | "maybe" | "never" | "null";

/** Something that happened on the way and belongs to the story of a finding. */
export interface Step {
  readonly span: Span;
  readonly message: string;
  readonly before: Step | undefined;
}

/** One call of a function, with the variables in it. */
export interface Frame {
  readonly id: number;
  readonly routine: Routine;
  /** In the file that is checked: where what happens in a header is shown. */
  readonly site: Span | undefined;
  readonly variables: SharedList<Value>;
  /** To its variables, those that somebody asked for. */
  readonly pointers: (PointerValue | undefined)[];
  /** How often each loop was gone through, by its head. */
  readonly turns: Shared<number, number>;
  /** Where it stands while it calls another. */
  at: Node;
}

function copied({ id, routine, site, variables, pointers, turns, at }: Frame): Frame {
  return { id, routine, site, variables: variables.copy(), pointers, turns: turns.copy(), at };
}

/** A class, because it is copied at every fork: one shape, and tables that are copied only when they have something. */
export class Path {
  frames: Frame[];
  /** By the id of the number. */
  readonly bounds: Shared<number, Bounds>;
  /** By the id of the thing; what is not here is as it came. */
  readonly nullness: Shared<number, Nullness>;
  /** What was written to a place in memory, by `placeKey`. */
  readonly stores: Shared<string, Value>;
  /** How comparisons of two unknowns came out, and what a build decides. */
  readonly decided: Shared<string, boolean>;
  /** What each watch remembers, by its number. Never changed in place. */
  slots: unknown[];
  /** False once something on the way is not as sure as it looks: a loop gone through in one, two choices of the build. */
  isCertain: boolean;
  steps: Step | undefined;
  /** What parts of the expression that is being evaluated came to, those that may go several ways. */
  readonly prepared: Shared<Expression, Value>;

  constructor(slots: unknown[], from?: Path) {
    this.frames = from === undefined ? [] : from.frames.map(copied);
    this.bounds = from === undefined ? new Shared() : from.bounds.copy();
    this.nullness = from === undefined ? new Shared() : from.nullness.copy();
    this.stores = from === undefined ? new Shared() : from.stores.copy();
    this.decided = from === undefined ? new Shared() : from.decided.copy();
    this.prepared = from === undefined ? new Shared() : from.prepared.copy();
    this.slots = slots;
    this.isCertain = from?.isCertain ?? true;
    this.steps = from?.steps;
  }

  fork(): Path {
    return new Path(this.slots.slice(), this);
  }

  get frame(): Frame {
    const frame = this.frames[this.frames.length - 1];
    if (frame === undefined) throw new Error("no function is being walked");
    return frame;
  }

  isNull({ id, nullness }: Thing): Nullness {
    return this.nullness.get(id) ?? nullness;
  }

  boundsOf(value: Value): Bounds {
    if (value.kind !== "number") return { low: 0, high: Number.POSITIVE_INFINITY, notZero: true };
    const known = this.bounds.get(value.id);
    if (known !== undefined) return known;
    const { low, high } = value;
    return { low, high, notZero: low > 0 || high < 0 };
  }

  remember(span: Span, message: string): void {
    this.steps = { span, message, before: this.steps };
  }
}
