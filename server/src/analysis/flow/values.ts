/** What an expression comes to on one path: numbers with their bounds, and pointers into things. Values never change. */

import type { Span } from "../text.ts";
import type { Variable } from "./graph.ts";
import type { Nullness } from "./path.ts";

export type Value = NumberValue | PointerValue | UninitialisedValue;

/**
 * A number, or what may be one: what is not known at all is a number without bounds. Two values with the same id are equal
 * on every path. 64-bit numbers that a double cannot hold have no bounds.
 */
export interface NumberValue {
  readonly kind: "number";
  readonly id: number;
  readonly low: number;
  readonly high: number;
  /** What it was made of; none for what came from outside. */
  readonly operator: string | undefined;
  readonly operands: readonly Value[];
  /** What came from outside: where from. */
  readonly source: Source | undefined;
  /** Bytes that its C type has, and whether that is signed; undefined where the file does not tell. */
  readonly width: number | undefined;
  readonly isSigned: boolean | undefined;
  /** It stands for what a variable is after many turns of a loop. */
  readonly isLoose: boolean;
}

export interface PointerValue {
  readonly kind: "pointer";
  readonly id: number;
  readonly thing: Thing;
  /** Bytes from where the thing begins; undefined where a size on the way is not known. */
  readonly offset: number | undefined;
  /** Numbers that were added. */
  readonly added: readonly NumberValue[];
  /** The fields on the way, `.a[2]`: two pointers that name the same place are the same. */
  readonly path: string;
}

/** A variable that nothing was written to. */
export interface UninitialisedValue {
  readonly kind: "uninitialised";
  readonly id: number;
}

export type ThingKind =
  /** A variable on the stack. */
  | "variable"
  /** A variable of the file, a constant string. */
  | "global"
  /** A map itself. */
  | "map"
  | "map value"
  /** What bpf_ringbuf_reserve() gives. */
  | "record"
  | "socket"
  /** Of the kernel's, by a type that it knows: it may be looked into. */
  | "kernel"
  /** A number to the verifier, whatever C calls it: it may not be looked into. */
  | "raw"
  | "context"
  | "packet"
  | "packet end"
  | "packet metadata"
  /** Memory of a known size: a dynptr's, an argument's. */
  | "memory"
  /** What bpf_obj_new() gives. */
  | "object"
  /** What an iterator gives. */
  | "item"
  | "function"
  /** Nobody knows. */
  | "other";

/** What pointers point into. */
export interface Thing {
  readonly id: number;
  readonly kind: ThingKind;
  readonly source: Source;
  /** As it comes, before anybody asked. */
  readonly nullness: Nullness;
  readonly variable: Variable | undefined;
  /** In which call of the function: a variable of a function that calls itself is another each time. */
  readonly frame: number;
  /** The name of a map, a global, a function. */
  readonly name: string;
  /** Of what it is, as C writes it: `struct task_struct`. Empty where that is not known. */
  readonly type: string;
  /** In bytes, where that is known. */
  readonly size: number | undefined;
  /** What a map was asked for: the map, and the key where that is a number. */
  readonly lookup: { readonly map: string; readonly key: Value | undefined } | undefined;
}

/** Where a value came from. */
export interface Source {
  /** In the file that is checked; of what comes about in a header, the call that led there. */
  readonly span: Span;
  /** `bpf_map_lookup_elem`, `.data`, the name of a variable. */
  readonly name: string;
  readonly kind: "call" | "load" | "parameter" | "unknown" | "global";
  /** Of a load: out of what. */
  readonly from?: ThingKind;
  /** And where that came from. */
  readonly of?: Source;
}

const NONE: readonly Value[] = [];

/** Classes, for one shape of object: every step of a walk looks into some. */
class NumberOf implements NumberValue {
  readonly kind = "number";
  readonly id: number;
  readonly low: number;
  readonly high: number;
  readonly operator: string | undefined;
  readonly operands: readonly Value[];
  readonly source: Source | undefined;
  readonly width: number | undefined;
  readonly isSigned: boolean | undefined;
  readonly isLoose: boolean;

  constructor(
    id: number,
    low: number,
    high: number,
    operator: string | undefined,
    operands: readonly Value[],
    source: Source | undefined,
    width: number | undefined,
    isSigned: boolean | undefined,
    isLoose: boolean,
  ) {
    this.id = id;
    this.low = low;
    this.high = high;
    this.operator = operator;
    this.operands = operands;
    this.source = source;
    this.width = width;
    this.isSigned = isSigned;
    this.isLoose = isLoose;
  }
}

class PointerTo implements PointerValue {
  readonly kind = "pointer";
  readonly id: number;
  readonly thing: Thing;
  readonly offset: number | undefined;
  readonly added: readonly NumberValue[];
  readonly path: string;

  constructor(id: number, thing: Thing, offset: number | undefined, added: readonly NumberValue[], path: string) {
    this.id = id;
    this.thing = thing;
    this.offset = offset;
    this.added = added;
    this.path = path;
  }
}

type NumberType = Pick<NumberValue, "width" | "isSigned">;

/** Makes values, the same for the same: a class, for the tables that it looks into. */
export class Values {
  private count = 0;
  private readonly constants = new Map<number, NumberValue>();
  private readonly made = new Map<string, Value>();
  /** Pointers to where things begin, by the id of the thing. */
  private readonly plain = new Map<number, PointerValue>();
  /** Constants, and things that were read out of others, by id. */
  readonly constantsById = new Map<number, number>();
  readonly loaded = new Map<number, Thing>();

  constant(value: number): NumberValue {
    let known = this.constants.get(value);
    if (known === undefined) {
      const isInt = value >= -(2 ** 31) && value < 2 ** 31;
      known = this.number({ low: value, high: value, width: isInt ? 4 : 8, isSigned: true });
      this.constants.set(value, known);
      this.constantsById.set(known.id, value);
    }
    return known;
  }

  /** A number that is like no other. */
  number(given: Partial<Omit<NumberValue, "kind" | "id">> = {}): NumberValue {
    const { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY } = given;
    const { operator, operands = NONE, source, width, isSigned } = given;
    let { isLoose = false } = given;
    for (const one of operands) if (one.kind === "number" && one.isLoose) isLoose = true;
    const made = new NumberOf(++this.count, low, high, operator, operands, source, width, isSigned, isLoose);
    return made;
  }

  /** The same number with another type, in which it is as much. */
  retyped(value: NumberValue, { width, isSigned }: Pick<NumberValue, "width" | "isSigned">): NumberValue {
    if (value.width === width && value.isSigned === isSigned) return value;
    const { id, low, high, operator, operands, source, isLoose } = value;
    return new NumberOf(id, low, high, operator, operands, source, width, isSigned, isLoose);
  }

  /** What comes of others is the same whenever it comes of the same. Bounds may say of what type it is. */
  derived(
    operator: string,
    operands: readonly Value[],
    bounds: Pick<NumberValue, "low" | "high"> & Partial<NumberType>,
    { width, isSigned }: Partial<NumberType> = bounds,
  ) {
    let key = `${operator} ${width ?? ""}${isSigned ?? ""}`;
    for (const { id } of operands) key += ` ${id}`;
    const known = this.made.get(key);
    if (known?.kind === "number") return known;
    const { low, high } = bounds;
    const made = this.number({ low, high, operator, operands, width, isSigned });
    this.made.set(key, made);
    return made;
  }

  /** What is remembered under a key of somebody's own. */
  once<T extends Value>(key: string, make: () => T): T {
    const known = this.made.get(key);
    if (known !== undefined) return known as T;
    const made = make();
    this.made.set(key, made);
    return made;
  }

  thing(given: Pick<Thing, "kind" | "source"> & Partial<Thing>): Thing {
    const { kind, source, nullness = "never", variable, frame = 0, name = "", type = "", size, lookup } = given;
    const made = { id: ++this.count, kind, source, nullness, variable, frame, name, type, size, lookup };
    if (source.kind === "load") this.loaded.set(made.id, made);
    return made;
  }

  pointer(
    thing: Thing,
    {
      offset,
      added = [],
      path = "",
    }: { offset?: number | undefined; added?: readonly NumberValue[]; path?: string } = {},
  ): PointerValue {
    const isPlain = offset === 0 && path === "" && added.length === 0;
    const plain = isPlain ? this.plain.get(thing.id) : undefined;
    if (plain !== undefined) return plain;
    let key = "";
    if (!isPlain) {
      key = `p${thing.id} ${offset ?? "?"} ${path}`;
      for (const { id } of added) key += ` ${id}`;
      const known = this.made.get(key);
      if (known?.kind === "pointer") return known;
    }
    const made = new PointerTo(++this.count, thing, offset, added, path);
    if (isPlain) this.plain.set(thing.id, made);
    else this.made.set(key, made);
    return made;
  }

  readonly uninitialised: UninitialisedValue = { kind: "uninitialised", id: 0 };
}

export function isConstant(value: Value): value is NumberValue {
  return value.kind === "number" && value.low === value.high;
}
