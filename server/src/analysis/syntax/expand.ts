/** Expands a macro call as the preprocessor would, for the macros that make maps and programs. */

import { Cursor } from "./cursor.ts";
import type { Define, Macros } from "./macros.ts";
import { IDENTIFIER, PUNCTUATION, tokenize } from "./tokens.ts";

/** Runaway macros are cut here: no map or program is that long. */
const MAX_LENGTH = 64 * 1024;
const MAX_DEPTH = 16;

/** The text that `name(args…)` stands for; undefined when the macro is unknown or the expansion runs away. */
export function expandCall(macros: Macros, name: string, args: readonly string[]): string | undefined {
  const define = macros.defines.get(name);
  if (define?.params === undefined) return undefined;
  const text = expandText(macros, substitute(macros, define, define.params, args), new Set([name]), 0);
  return text === undefined || text.length > MAX_LENGTH ? undefined : text;
}

/** The arguments of the call whose parenthesis opens at token `open`. */
export function argumentsOf(cursor: Cursor, source: string, open: number): readonly string[] {
  const close = cursor.closing(open);
  if (close === open + 1) return [];
  const bounds = [open, ...cursor.commas(open, close), close];
  return bounds.slice(1).map((end, i) => source.slice(cursor.end(bounds[i] ?? open), cursor.start(end)).trim());
}

/** Replaces parameters in the body, with `#` and `##` as in C: away from those an argument is expanded before. */
function substitute(macros: Macros, { body }: Define, params: readonly string[], args: readonly string[]): string {
  const values = bind(params, args);
  const cursor = new Cursor(body, tokenize(body));
  let text = "";
  let done = 0;
  for (let i = 0; i < cursor.count; i++) {
    const value = cursor.kind(i) === IDENTIFIER ? values.get(cursor.text(i)) : undefined;
    if (value === undefined) continue;
    const isPasted =
      (cursor.is(i - 1, "#") && cursor.is(i - 2, "#")) || (cursor.is(i + 1, "#") && cursor.is(i + 2, "#"));
    const isString = cursor.is(i - 1, "#") && !cursor.is(i - 2, "#");
    text += body.slice(done, cursor.start(isString ? i - 1 : i));
    text += isString ? JSON.stringify(value) : isPasted ? value : constantsIn(macros, value, 0);
    done = cursor.end(i);
  }
  return (text + body.slice(done)).replace(/\s*##\s*/g, "");
}

/** An argument with the names in it that stand for something else; `left` is how many of them are looked at in all. */
function constantsIn(macros: Macros, text: string, depth: number, left = { names: 1000 }): string {
  if (depth > MAX_DEPTH || text.length > 1024 || left.names-- <= 0) return text;
  return text.replace(/"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*/g, (word) => {
    const define = word.startsWith('"') ? undefined : macros.defines.get(word);
    if (define === undefined || define.params !== undefined || define.body === "" || define.body === word) return word;
    return constantsIn(macros, define.body, depth + 1, left);
  });
}

function bind(params: readonly string[], args: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  params.forEach((param, i) => {
    if (!param.endsWith("...")) values.set(param, args[i] ?? "");
    else values.set(param === "..." ? "__VA_ARGS__" : param.slice(0, -3).trim(), args.slice(i).join(", "));
  });
  return values;
}

function expandText(macros: Macros, text: string, hidden: ReadonlySet<string>, depth: number): string | undefined {
  if (text.length > MAX_LENGTH || depth > MAX_DEPTH) return undefined;
  const cursor = new Cursor(text, tokenize(text));
  let result = "";
  let done = 0;
  for (let i = 0; i < cursor.count; i++) {
    if (cursor.kind(i) !== IDENTIFIER) continue;
    const name = cursor.text(i);
    const define = hidden.has(name) ? undefined : macros.defines.get(name);
    if (define === undefined || !isWorthExpanding(macros, define)) continue;
    const called = cursor.is(i + 1, "(");
    if (define.params !== undefined && !called) continue;
    const last = define.params === undefined ? i : cursor.closing(i + 1);
    const inner =
      define.params === undefined
        ? define.body
        : substitute(macros, define, define.params, argumentsOf(cursor, text, i + 1));
    const expanded = expandText(macros, inner, new Set([...hidden, name]), depth + 1);
    if (expanded === undefined) return undefined;
    result += text.slice(done, cursor.start(i)) + expanded;
    if (result.length > MAX_LENGTH) return undefined;
    done = cursor.end(last);
    i = last;
  }
  return result + text.slice(done);
}

/** Strings and constants stay names: they are resolved where they are used, with their own definitions. */
function isWorthExpanding(macros: Macros, { name, params, body }: Define): boolean {
  if (macros.isAttribute(name) || macros.isSection(name)) return false;
  // What makes a program often leaves the function itself to another macro.
  return params === undefined ? hasPunctuation(body) : macros.makesDeclaration(name) || body.includes("{");
}

function hasPunctuation(body: string): boolean {
  const cursor = new Cursor(body, tokenize(body));
  for (let i = 0; i < cursor.count; i++)
    if (cursor.kind(i) === PUNCTUATION && (cursor.is(i, ";") || cursor.is(i, "{"))) return true;
  return false;
}
