/** What numbers, types and structures of a file come to; kept from one version to the next while no definition changes. */

import type { FileTypes, Headers } from "./header.ts";
import { remembered } from "./remember.ts";
import { evaluate, layoutOfType } from "./syntax/constants.ts";
import { Cursor } from "./syntax/cursor.ts";
import type { Lowered } from "./syntax/dialect.ts";
import { KERNEL_RECORDS } from "./syntax/kernel-types.ts";
import type { Outline } from "./syntax/outline.ts";
import { type Shape, shapeOf } from "./syntax/shape.ts";
import { tokenize } from "./syntax/tokens.ts";
import {
  type CType,
  fieldOf,
  type Layout,
  layoutOf,
  type RecordType,
  readTypeName,
  SCALARS,
  type TypeContext,
} from "./syntax/types.ts";

export interface Sizes {
  /** The number a constant expression comes to. */
  readonly valueOf: (expression: string) => bigint | undefined;
  /** Size, alignment and padding of a type given by its text. */
  readonly layoutOf: (type: string) => Layout | undefined;
  /** What a type given by its text consists of, where it is defined as a structure. */
  readonly recordOf: (type: string) => Structure | undefined;
  /** What a value of a type is made of, as far down as numbers and text. */
  readonly shapeOf: (type: string) => Shape | undefined;
  /** Types as such, for who follows pointers and fields. */
  readonly types: Types;
  /** All that decides about them; undefined where that is not sure. */
  readonly decided: { readonly outside: string; readonly headers: Headers } | undefined;
}

/** Questions about types. A type is what `read` gives; what is in it is nobody else's matter. */
export interface Types {
  /** The type that a text names: `struct event *`. */
  readonly read: (text: string) => CType;
  readonly layout: (type: CType) => Layout | undefined;
  /** What a name stands for in the end, where it is a name for a type. */
  readonly behind: (type: CType) => CType;
  /** A field of a structure by its name, with its type, and its place where that is known. */
  readonly field: (type: CType, name: string) => FieldOf | undefined;
  /** Whether a text that could be a value names a type. */
  readonly isType: (name: string) => boolean;
}

export interface FieldOf {
  readonly type: CType;
  /** In bytes. */
  readonly offset: number | undefined;
  /** It has a few bits of its type. */
  readonly isBits: boolean;
}

export interface Structure {
  readonly tag: "struct" | "union";
  /** Empty where it has none. */
  readonly name: string;
  readonly fields: readonly StructureField[];
}

export interface StructureField {
  readonly name: string;
  /** `struct x` where it is such; undefined for every other type. */
  readonly type: string | undefined;
}

export interface SizeParts {
  readonly lowered: Lowered;
  readonly outline: Outline;
  readonly headers: Headers;
  /** The types of the file and its headers. */
  readonly types: FileTypes;
}

/** While somebody types in a function all of them stay as they are. No position is in them. */
export function sizesOf({ lowered, outline, headers, types }: SizeParts, before: Sizes | undefined): Sizes {
  const outside = outsideOfFunctions(lowered, outline);
  if (outside !== undefined && before?.decided?.outside === outside && before.decided.headers === headers)
    return before;
  const constants = { defines: lowered.macros.defines, types };
  return {
    types: typesFor(types, (expression) => evaluate(expression, constants)),
    valueOf: remembered((expression) => evaluate(expression, constants)),
    layoutOf: remembered((type) => layoutOfType(type, constants)),
    recordOf: remembered((type) => structureOf(type, types)),
    shapeOf: remembered((type) =>
      shapeOf(readTypeName(type, new Cursor(type, tokenize(type))), {
        types,
        evaluate: (expression) => evaluate(expression, constants),
        layoutOf: (inner) => layoutOf(inner, { types, evaluate: (e) => evaluate(e, constants), known: new Map() }),
        headerWith: (has) => headers.list.find((header) => has(header.types))?.uri,
      }),
    ),
    decided: outside === undefined ? undefined : { outside, headers },
  };
}

/** What names stand for in the end. */
function resolved(type: CType, { typedefs }: FileTypes): CType {
  let found = type;
  for (let steps = 0; found.kind === "typedef" && steps < 32; steps++) {
    const next = typedefs.get(found.name);
    if (next === undefined) return found;
    found = next;
  }
  return found;
}

function typesFor(types: FileTypes, value: (expression: string) => bigint | undefined): Types {
  const context: TypeContext = { types, evaluate: value, known: new Map() };
  const fields = new Map<RecordType, Map<string, FieldOf | undefined>>();
  const layouts = new Map<CType, Layout | undefined>();
  // By name: asked at every step of a walk, while each header would be looked into.
  const aliases = new Map<string, CType>();
  const behind = (type: CType): CType => {
    if (type.kind !== "typedef") return type;
    let found = aliases.get(type.name);
    if (found === undefined) {
      found = resolved(type, types);
      aliases.set(type.name, found);
    }
    return found;
  };
  const recordNamed = (name: string): RecordType | undefined => types.records.get(name) ?? KERNEL_RECORDS.get(name);
  return {
    read: remembered((text) => readTypeName(text, new Cursor(text, tokenize(text)))),
    layout: (type) => {
      let layout = layouts.get(type);
      if (layout === undefined && !layouts.has(type)) {
        layout = layoutOf(type, context);
        layouts.set(type, layout);
      }
      return layout;
    },
    behind,
    field: (type, name) => {
      const found = behind(type);
      const record =
        found.kind === "record"
          ? found.record
          : found.kind === "tagged"
            ? recordNamed(`${found.tag} ${found.name}`)
            : undefined;
      if (record === undefined) return undefined;
      let known = fields.get(record);
      if (known === undefined) {
        known = new Map();
        fields.set(record, known);
      }
      let place = known.get(name);
      if (place === undefined && !known.has(name)) {
        const read = fieldOf(record, name, context);
        place = read && { type: read.field.type, offset: read.offset, isBits: read.field.bits !== undefined };
        known.set(name, place);
      }
      return place;
    },
    isType: (name) => SCALARS.has(name) || types.typedefs.get(name) !== undefined,
  };
}

/** A type that is defined where it stands, or a name for one. */
const DEFINITION = /\b(?:struct|union|enum)\b[^;(){}=,*]*\{|\btypedef\b/;

/** The text without what stands in functions, but those that may define something too; undefined where nobody can tell. */
function outsideOfFunctions({ source, tokens, islands }: Lowered, { functions }: Outline): string | undefined {
  // A macro that makes functions or maps may make anything.
  if (islands.expansions.length > 0) return undefined;
  const pieces: string[] = [];
  let at = 0;
  let directive = 0;
  for (const { bodySpan } of functions) {
    if (bodySpan.start < at) return undefined;
    pieces.push(source.slice(at, bodySpan.start));
    while ((tokens.directives[directive]?.start ?? Number.POSITIVE_INFINITY) < bodySpan.start) directive++;
    const hasDirective = (tokens.directives[directive]?.start ?? Number.POSITIVE_INFINITY) < bodySpan.end;
    const body = source.slice(bodySpan.start, bodySpan.end);
    if (hasDirective || DEFINITION.test(body)) pieces.push(body);
    at = bodySpan.end;
  }
  pieces.push(source.slice(at));
  // No C text has this between two pieces.
  return pieces.join("\0");
}

function structureOf(text: string, types: FileTypes): Structure | undefined {
  let type = readTypeName(text, new Cursor(text, tokenize(text)));
  for (let steps = 0; type.kind === "typedef" && steps < 32; steps++) {
    const behind = types.typedefs.get(type.name);
    if (behind === undefined) return undefined;
    type = behind;
  }
  const record =
    type.kind === "record"
      ? type.record
      : type.kind === "tagged"
        ? types.records.get(`${type.tag} ${type.name}`)
        : undefined;
  if (record === undefined) return undefined;
  const fields = record.fields.map((field) => ({
    name: field.name,
    type: field.type.kind === "tagged" ? `${field.type.tag} ${field.type.name}` : undefined,
  }));
  return { tag: record.tag, name: record.name, fields };
}
