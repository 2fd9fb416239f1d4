/** The word under the cursor, when it is a word of code. */

import type { Lines, Position, Range } from "../text.ts";
import { Cursor } from "./cursor.ts";
import type { Lowered } from "./dialect.ts";
import { IDENTIFIER, type Tokens, tokenize } from "./tokens.ts";

export interface Word {
  readonly text: string;
  readonly range: Range;
}

export function wordAt({ source, tokens }: Lowered, lines: Lines, position: Position): Word | undefined {
  const offset = lines.offsetAt(position);
  const directive = tokens.directives.find((d) => d.start <= offset && offset <= d.end);
  // What a #define expands to is code as well; it is read only when somebody asks.
  const within = directive === undefined ? tokens : tokenize(source, directive.bodyStart, directive.end);
  const cursor = new Cursor(source, within);
  const i = lastStartingAt(within, offset);
  for (const candidate of [i, i - 1]) {
    if (cursor.kind(candidate) !== IDENTIFIER) continue;
    const span = cursor.span(candidate);
    if (span.start <= offset && offset <= span.end) return { text: cursor.text(candidate), range: lines.rangeOf(span) };
  }
  return undefined;
}

/** The last token that starts at or before `offset`, or -1. */
function lastStartingAt({ starts, count }: Tokens, offset: number): number {
  let low = -1;
  let high = count;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low;
}
