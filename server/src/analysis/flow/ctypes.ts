/** The C types of expressions, as far as the file tells them. */

import type { Types } from "../sizes.ts";
import type { CType } from "../syntax/types.ts";
import { SCALARS } from "../syntax/types.ts";
import type { Graph } from "./graph.ts";
import type { NumberType } from "./numbers.ts";
import type { Expression } from "./tree.ts";

export type { CType } from "../syntax/types.ts";

export const UNKNOWN: CType = { kind: "unknown" };
const INT: CType = { kind: "scalar", size: 4, name: "int" };
const LONG: CType = { kind: "scalar", size: 8, name: "unsigned long" };

export interface TypedNames {
  readonly types: Types;
  readonly graph: Graph;
  /** What was read before. */
  readonly known: Map<Expression, CType>;
  /** Of a variable of the file. */
  readonly globalType: (name: string) => CType | undefined;
  /** What a function gives, as C writes it. */
  readonly resultType: (name: string) => string | undefined;
}

/** Words that are no part of a type. */
const NO_TYPE =
  /\b(?:static|extern|register|inline|__always_inline|__noinline|__weak|__hidden|volatile|const|__maybe_unused)\b\s*/g;

const read = new WeakMap<Types, Map<string, CType>>();

export function readType(text: string, types: Types): CType {
  let table = read.get(types);
  if (table === undefined) {
    table = new Map();
    read.set(types, table);
  }
  let type = table.get(text);
  if (type === undefined) {
    type = types.read(text.replace(NO_TYPE, "").trim());
    table.set(text, type);
  }
  return type;
}

/** `unknown` where the file does not tell. */
export function typeOf(expression: Expression, names: TypedNames): CType {
  let type = names.known.get(expression);
  if (type === undefined) {
    type = typeIn(expression, names);
    names.known.set(expression, type);
  }
  return type;
}

function typeIn(expression: Expression, names: TypedNames): CType {
  const { types, graph } = names;
  switch (expression.kind) {
    case "name": {
      const variable = graph.variableOf(expression);
      if (variable === undefined) return names.globalType(expression.name) ?? UNKNOWN;
      let type = readType(variable.type, types);
      const dimensions = variable.declaration?.dimensions ?? [];
      // How many there are is asked of the declaration itself.
      for (let i = dimensions.length; i > 0; i--) type = { kind: "array", of: type, count: "" };
      return type;
    }
    case "number":
      return expression.value === undefined
        ? UNKNOWN
        : expression.suffix.includes("l") || expression.value > 0xffffffffn
          ? { kind: "scalar", size: 8, name: expression.suffix.includes("u") ? "unsigned long" : "long" }
          : expression.suffix.includes("u") || expression.value > 0x7fffffffn
            ? { kind: "scalar", size: 4, name: "unsigned int" }
            : INT;
    case "string":
      return { kind: "pointer", to: { kind: "scalar", size: 1, name: "char" } };
    case "sizeof":
      return LONG;
    case "cast":
      return readType(expression.type, types);
    case "compound":
      return readType(expression.type, types);
    case "assignment":
      return typeOf(expression.left, names);
    case "update":
      return typeOf(expression.of, names);
    case "conditional":
      return typeOf(expression.then ?? expression.test, names);
    case "unary":
      if (expression.operator === "!") return INT;
      if (expression.operator === "&") return { kind: "pointer", to: typeOf(expression.of, names) };
      if (expression.operator === "*") return pointee(typeOf(expression.of, names), types);
      return typeOf(expression.of, names);
    case "index":
      return pointee(typeOf(expression.of, names), types);
    case "member": {
      const of = typeOf(expression.of, names);
      return types.field(expression.isArrow ? pointee(of, types) : of, expression.name)?.type ?? UNKNOWN;
    }
    case "binary":
      return ofBinary(expression, names);
    case "call": {
      const text = names.resultType(expression.name);
      return text === undefined ? UNKNOWN : readType(text, types);
    }
    default:
      return UNKNOWN;
  }
}

function ofBinary(expression: Extract<Expression, { kind: "binary" }>, names: TypedNames): CType {
  const { operator, left, right } = expression;
  if (operator === ",") return typeOf(right, names);
  if (/^(?:[<>=!]=?|&&|\|\|)$/.test(operator) && operator !== "&" && operator !== "|") return INT;
  const l = decayed(typeOf(left, names), names.types);
  const r = decayed(typeOf(right, names), names.types);
  if (l.kind === "pointer") return r.kind === "pointer" ? { kind: "scalar", size: 8, name: "long" } : l;
  if (r.kind === "pointer") return r;
  if (operator === "<<" || operator === ">>") return l;
  const a = numberType(l, names.types);
  const b = numberType(r, names.types);
  if (a.width === undefined || b.width === undefined) return UNKNOWN;
  if (a.width === b.width) return a.isSigned === false ? l : r;
  return a.width > b.width ? l : r;
}

export function pointee(type: CType, types: Types): CType {
  const found = types.behind(type);
  if (found.kind === "pointer") return found.to ?? UNKNOWN;
  return found.kind === "array" ? found.of : UNKNOWN;
}

/** An array is a pointer where a value is wanted. */
export function decayed(type: CType, types: Types): CType {
  const found = types.behind(type);
  return found.kind === "array" ? { kind: "pointer", to: found.of } : found;
}

const SIGNED =
  /^(?:(?:signed |__signed__ )?(?:char|short|int|long|long long|short int|long int|long long int)|signed|__s(?:8|16|32|64)|s(?:8|16|32|64)|int(?:8|16|32|64)_t|ssize_t|ptrdiff_t|intptr_t|loff_t|off_t|pid_t|__kernel_pid_t|time64_t|ktime_t)$/;

const numbers = new WeakMap<CType, NumberType>();

export function numberType(type: CType, types: Types): NumberType {
  const found = types.behind(type);
  let number = numbers.get(found);
  if (number === undefined) {
    number = numberOf(found);
    numbers.set(found, number);
  }
  return number;
}

function numberOf(found: CType): NumberType {
  if (found.kind === "pointer") return { width: 8, isSigned: false };
  if (found.kind === "tagged" && found.tag === "enum") return { width: 4, isSigned: undefined };
  if (found.kind !== "scalar" && found.kind !== "typedef") return { width: undefined, isSigned: undefined };
  const width = found.kind === "scalar" ? found.size : SCALARS.get(found.name);
  if (width === undefined || found.name === "void") return { width: undefined, isSigned: undefined };
  return { width, isSigned: SIGNED.test(found.name) };
}

/** In bytes. */
export function sizeOf(type: CType, types: Types): number | undefined {
  const found = types.behind(type);
  if (found.kind === "scalar" && found.name === "void") return 1;
  return types.layout(type)?.size;
}

/** As C writes what it points to; empty where that is not known. */
export function nameOf(type: CType): string {
  switch (type.kind) {
    case "scalar":
    case "typedef":
      return type.name;
    case "tagged":
      return `${type.tag} ${type.name}`;
    case "record":
      return type.record.name === "" ? "" : `${type.record.tag} ${type.record.name}`;
    default:
      return "";
  }
}

export function isAggregate(type: CType, types: Types): boolean {
  const found = types.behind(type);
  if (found.kind === "tagged") return found.tag !== "enum";
  return found.kind === "record" || found.kind === "array";
}
