/** For rules about arguments: what an argument surely is, told by its text and the declarations of its names. */

import type { Argument, BpfFunction, BpfModel, Call, MapFacts } from "../model.ts";
import { remembered } from "../remember.ts";
import { contextName } from "./context-types.ts";

export type ArgumentKind =
  | "number"
  /** A number that stands there as such. */
  | "literal"
  | "null"
  | "string"
  /** Of a variable. */
  | "address"
  | "array"
  /** A structure itself, not its address. */
  | "struct"
  | "pointer"
  /** What the kernel hands to the program. */
  | "context"
  /** A map itself, not its address. */
  | "map"
  | "address of a map";

const LITERAL = /^-?(?:0[xX][\da-fA-F]+|0[bB][01]+|\d+)[uUlL]*$/;
const ZERO = /^(?:0[xX]0+|0+)[uUlL]*$/;
const STRING = /^(?:"(?:[^"\\]|\\.)*"\s*)+$/;

/** @returns undefined where the file does not tell */
export function kindOf({ text, map }: Argument, call: Call, model: BpfModel): ArgumentKind | undefined {
  const { plain, address, name } = readArgument(text);
  if (text === "NULL" && !model.redefines("NULL")) return "null";
  if (plain !== undefined) return plain;
  if (name === "" || model.redefines(name)) return undefined;
  if (address === "&") {
    if (map !== undefined) return isLocal(name, call.in, model) ? "address" : "address of a map";
    return variableKind(name, call.in, model) === undefined ? undefined : "address";
  }
  const kind = variableKind(name, call.in, model);
  if (kind !== undefined) return isContext(name, call.in) && !isLocal(name, call.in, model) ? "context" : kind;
  return mapItself(text, call, model) === undefined ? undefined : "map";
}

/** What its text alone tells. */
const readArgument = remembered((text) => {
  const [, address = "", name = ""] = /^(&?)\s*([A-Za-z_]\w*)$/.exec(text) ?? [];
  return { plain: plainKind(text), address, name };
});

function plainKind(text: string): ArgumentKind | undefined {
  if (ZERO.test(text)) return "null";
  if (LITERAL.test(text) || /^sizeof\s*\(.*\)$/.test(text)) return "literal";
  return STRING.test(text) ? "string" : undefined;
}

/** The map that an argument is, not the address of. */
export function mapItself(text: string, { in: fn }: Call, model: BpfModel): MapFacts | undefined {
  const name = /^(?:\*\s*\(?\s*&\s*)?([A-Za-z_]\w*)\)?$/.exec(text)?.[1];
  const map = name === undefined ? undefined : model.mapNamed(name);
  if (name === undefined || map === undefined || model.redefines(name) || isLocal(name, fn, model)) return undefined;
  return fn?.params.some((param) => param.name === name) ? undefined : map;
}

function isContext(name: string, fn: BpfFunction | undefined): boolean {
  return name === contextName(fn);
}

function isLocal(name: string, fn: BpfFunction | undefined, model: BpfModel): boolean {
  return fn !== undefined && model.code.localNames(fn).has(name);
}

/** As the nearest declarations of a name say; undefined where there is none, or where two disagree. */
function variableKind(name: string, fn: BpfFunction | undefined, model: BpfModel): ArgumentKind | undefined {
  const { code } = model;
  if (fn === undefined) return undefined;
  const locals = code.locals(fn).filter(({ text }) => text === name);
  if (locals.length > 0) {
    const kinds = new Set(locals.map(({ type, dimensions }) => (dimensions.length > 0 ? "array" : kindOfType(type))));
    const [only] = kinds;
    return kinds.size === 1 ? only : undefined;
  }
  if (isContext(name, fn)) return "pointer";
  const param = fn.params.find((one) => one.name === name);
  if (param !== undefined)
    return isArray(name, code.textOf(fn.range).split("{")[0] ?? "") ? "pointer" : kindOfType(param.type);
  const global = model.globals.find((one) => one.name === name);
  if (global === undefined || global.kind === "ksym" || global.kind === "extern") return undefined;
  return isArray(name, code.textOf(global.range)) ? "array" : kindOfType(global.type);
}

function isArray(name: string, declaration: string): boolean {
  return new RegExp(`(?<!\\w)${name}\\s*\\[`).test(declaration);
}

const WORDS = /\b(?:static|const|volatile|register|extern|__hidden|__weak|inline)\b\s*/g;
const NUMBER =
  /^(?:(?:unsigned|signed|long|short|int|char|bool|_Bool)(?:\s+|$))+$|^(?:__)?(?:[us](?:8|16|32|64)|[bl]e(?:16|32|64))$|^u?int(?:8|16|32|64)_t$|^(?:size|ssize|pid|uid|gid)_t$|^enum\s+\w+$/;

function kindOfType(type: string): ArgumentKind | undefined {
  const plain = type.replace(WORDS, "").trim();
  if (plain.endsWith("*")) return "pointer";
  if (NUMBER.test(plain)) return "number";
  return /^(?:struct|union)(?:\s+\w+)?(?:\s*\{.*\})?$/s.test(plain) ? "struct" : undefined;
}
