/** What a value of a type is made of, for programs that print it: numbers, text, and structures of these. */

import { type CType, type Field, type Layout, type RecordType, SCALARS, type TypeTable } from "./types.ts";

export type Shape =
  /** `spelling` is how it was written, `u32`; user space may not know the name. */
  | { readonly kind: "number"; readonly size: number; readonly signed: boolean; readonly spelling: string }
  | { readonly kind: "bool" }
  /** A `char[]`. */
  | { readonly kind: "text"; readonly length: number }
  | { readonly kind: "pointer" }
  | { readonly kind: "array"; readonly of: Shape; readonly count: number }
  | RecordShape;

export interface RecordShape {
  readonly kind: "record";
  readonly tag: "struct" | "union";
  /** Empty where it has none. */
  readonly name: string;
  /** What a declaration calls it, `struct event` or a typedef's name; empty where it stands within another. */
  readonly spelling: string;
  readonly size: number;
  readonly packed: boolean;
  readonly fields: readonly FieldShape[];
  /** The header that defines it; null for the file itself. */
  readonly header: string | null;
}

export interface FieldShape {
  /** Empty for an unnamed structure, whose fields count as those of the one around it. */
  readonly name: string;
  readonly shape: Shape;
  /** The width of a bit field. */
  readonly bits: number | null;
}

export interface ShapeContext {
  readonly types: Pick<TypeTable, "records" | "typedefs">;
  readonly evaluate: (expression: string) => bigint | undefined;
  readonly layoutOf: (type: CType) => Layout | undefined;
  /** The first header of which something holds. */
  readonly headerWith: (has: (types: Pick<TypeTable, "records" | "typedefs">) => boolean) => string | undefined;
}

const MAX_DEPTH = 16;

/** Undefined where a part of it is not known, or is nothing that could be printed. */
export function shapeOf(type: CType, context: ShapeContext, depth = 0): Shape | undefined {
  if (depth > MAX_DEPTH) return undefined;
  switch (type.kind) {
    case "scalar":
      return scalar(type.name, type.size);
    case "pointer":
      return { kind: "pointer" };
    case "typedef": {
      const behind = context.types.typedefs.get(type.name);
      if (behind !== undefined) return respelt(shapeOf(behind, context, depth + 1), type, behind, context);
      const size = SCALARS.get(type.name);
      return size === undefined ? undefined : scalar(type.name, size);
    }
    case "tagged": {
      if (type.tag === "enum") return { kind: "number", size: 4, signed: false, spelling: `enum ${type.name}` };
      const record = context.types.records.get(`${type.tag} ${type.name}`);
      return record && recordShape(record, context, depth);
    }
    case "record":
      return recordShape(type.record, context, depth);
    case "array":
      return arrayShape(type, context, depth);
    default:
      return undefined;
  }
}

/** Beside those that begin with `s` or `int` and say how wide they are. */
const SIGNED = new Set(
  "ssize_t ptrdiff_t intptr_t loff_t off_t pid_t __kernel_pid_t key_t ktime_t time64_t __kernel_ssize_t __kernel_long_t".split(
    " ",
  ),
);
/** Structures in the kernel, whatever their size is, and numbers that need more than an integer's format. */
const NO_INTEGER = /^atomic|^(?:float|double|long double|void)$/;

function scalar(name: string, size: number): Shape | undefined {
  if (name === "bool" || name === "_Bool") return { kind: "bool" };
  if (size > 8 || NO_INTEGER.test(name)) return undefined;
  const isWord = /^(?:(?:signed|char|short|int|long|__signed__)\b ?)+$/.test(name);
  const signed = isWord || SIGNED.has(name) || /^(?:__)?(?:s|int)\d+(?:_t)?$/.test(name);
  return { kind: "number", size, signed, spelling: name };
}

/** A name for a number is the one that people use for it, and one for an unnamed structure the only one. */
function respelt(
  shape: Shape | undefined,
  { name }: Extract<CType, { kind: "typedef" }>,
  behind: CType,
  { headerWith }: ShapeContext,
): Shape | undefined {
  if (shape?.kind === "number") return { ...shape, spelling: name };
  if (shape?.kind !== "record" || shape.spelling !== "") return shape;
  return { ...shape, spelling: name, header: headerWith(({ typedefs }) => typedefs.get(name) === behind) ?? null };
}

function arrayShape(
  { of, count }: Extract<CType, { kind: "array" }>,
  context: ShapeContext,
  depth: number,
): Shape | undefined {
  const element = shapeOf(of, context, depth + 1);
  const length = context.evaluate(count);
  if (element === undefined || length === undefined || length < 1n || length > 1_000_000n) return undefined;
  if (element.kind === "number" && element.spelling === "char") return { kind: "text", length: Number(length) };
  return { kind: "array", of: element, count: Number(length) };
}

function recordShape(record: RecordType, context: ShapeContext, depth: number): RecordShape | undefined {
  const layout = context.layoutOf({ kind: "record", record });
  // What asks for an alignment of its own would have to be written with it.
  if (layout === undefined || record.align !== undefined) return undefined;
  const fields: FieldShape[] = [];
  for (const field of record.fields) {
    const shape = fieldShape(field, context, depth);
    if (shape === undefined) return undefined;
    fields.push(shape);
  }
  const { tag, name, packed } = record;
  const spelling = name === "" ? "" : `${tag} ${name}`;
  const header = spelling === "" ? undefined : context.headerWith(({ records }) => records.get(spelling) === record);
  return { kind: "record", tag, name, spelling, size: layout.size, packed, fields, header: header ?? null };
}

function fieldShape({ name, type, bits, align }: Field, context: ShapeContext, depth: number): FieldShape | undefined {
  if (align !== undefined) return undefined;
  const shape = shapeOf(type, context, depth + 1);
  if (shape === undefined) return undefined;
  if (bits === undefined) return { name, shape, bits: null };
  const width = context.evaluate(bits);
  return width === undefined ? undefined : { name, shape, bits: Number(width) };
}
