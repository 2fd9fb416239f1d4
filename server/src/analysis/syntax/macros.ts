/** What a file's own `#define`s say: names that stand for attributes, for section marks, or for a string. */

import type { Cursor } from "./cursor.ts";
import { cursorOf } from "./cursor.ts";
import { type Directive, IDENTIFIER, STRING, tokenize } from "./tokens.ts";

export interface Macros {
  /** Names that expand to nothing but attributes and storage classes: `#define statfunc static __always_inline`. */
  readonly attributes: ReadonlySet<string>;
  /** Function-like names that expand to a section attribute: `#define ELF_SEC(n) __attribute__((section(n)))`. */
  readonly sections: ReadonlySet<string>;
  /** The string that tokens `from`–`to` make together; undefined when one of them is not known here. */
  textOf(cursor: Cursor, from: number, to: number): string | undefined;
}

export function readMacros(source: string, directives: readonly Directive[]): Macros {
  const attributes = new Set<string>();
  const sections = new Set<string>();
  const strings = new Map<string, string>();

  const textOf = (cursor: Cursor, from: number, to: number): string | undefined => {
    let text = "";
    for (let i = from; i <= to; i++) {
      const part = cursor.kind(i) === STRING ? unquote(cursor, i) : strings.get(cursor.text(i));
      if (part === undefined) return undefined;
      text += part;
    }
    return text;
  };

  for (const directive of directives) {
    if (directive.name !== "define") continue;
    const define = readDefine(source, directive);
    if (define === undefined) continue;
    const { name, body, isFunction } = define;
    if (body.count === 0) continue;
    if (isFunction) {
      if (/\bsection\s*\(/.test(define.text) && define.text.includes("__attribute__")) sections.add(name);
    } else if (isAllAttributes(body)) {
      attributes.add(name);
    } else {
      const text = textOf(body, 0, body.count - 1);
      if (text !== undefined) strings.set(name, text);
    }
  }
  return { attributes, sections, textOf };
}

interface Define {
  readonly name: string;
  readonly isFunction: boolean;
  readonly text: string;
  readonly body: Cursor;
}

const NAME = /^\s*([A-Za-z_$][\w$]*)(\([^)]*\))?/;

function readDefine(source: string, directive: Directive): Define | undefined {
  const text = source.slice(directive.bodyStart, directive.end);
  const match = NAME.exec(text);
  if (match?.[1] === undefined) return undefined;
  const body = text.slice(match[0].length);
  return { name: match[1], isFunction: match[2] !== undefined, text: body, body: cursorOf(body, tokenize(body)) };
}

const STORAGE = new Set([
  "static",
  "inline",
  "extern",
  "const",
  "volatile",
  "__inline",
  "__inline__",
  "__always_inline",
  "__noinline",
]);

function isAllAttributes(body: Cursor): boolean {
  for (let i = 0; i < body.count; i++) {
    const word = body.text(i);
    if (word === "__attribute__" && body.is(i + 1, "(")) i = body.closing(i + 1);
    else if (body.kind(i) !== IDENTIFIER || !STORAGE.has(word)) return false;
  }
  return true;
}

function unquote(cursor: Cursor, i: number): string {
  const inside = cursor.insideQuotes(i);
  return cursor.text(i).slice(1, 1 + inside.end - inside.start);
}
