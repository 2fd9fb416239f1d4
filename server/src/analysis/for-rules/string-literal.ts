/** What a string literal of C comes to, with the place of each of its characters. */

import type { Span } from "../text.ts";

export interface LiteralText {
  /** With escapes read. */
  readonly text: string;
  /** Where each character stands in the source; an escape is longer than what it comes to. */
  readonly places: readonly Span[];
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  v: "\v",
  f: "\f",
  a: "\x07",
  b: "\b",
  e: "\x1b",
};

/** Literals beside each other are one; undefined where something else stands among them, such as a macro. */
export function literalText(source: string): LiteralText | undefined {
  if (!/^\s*(?:"(?:[^"\\\n]|\\.)*"\s*)+$/s.test(source)) return undefined;
  let text = "";
  const places: Span[] = [];
  for (const { 0: literal, index } of source.matchAll(/"(?:[^"\\\n]|\\.)*"/gs)) {
    const inside = literal.slice(1, -1);
    for (const part of inside.matchAll(/\\(?:[0-7]{1,3}|x[\da-fA-F]+|\r?\n|[\s\S])|[\s\S]/g)) {
      const character = read(part[0]);
      text += character;
      const start = index + 1 + part.index;
      if (character !== "") places.push({ start, end: start + part[0].length });
    }
  }
  return { text, places };
}

function read(part: string): string {
  if (!part.startsWith("\\")) return part;
  const body = part.slice(1);
  if (/^\r?\n$/.test(body)) return "";
  if (/^[0-7]/.test(body)) return String.fromCharCode(Number.parseInt(body, 8) & 0xff);
  if (/^x[\da-fA-F]/.test(body)) return String.fromCharCode(Number.parseInt(body.slice(1), 16) & 0xff);
  return ESCAPES[body] ?? body;
}
