/** Comments that allow what rules would find: on their line, on what stands behind them, or in the whole file. */

import type { Cursor } from "./syntax/cursor.ts";
import type { Lowered } from "./syntax/dialect.ts";
import type { Lines, Range } from "./text.ts";

/**
 * `// hookpoint: allow rule, other-rule reason`. Behind code it speaks of its line. Alone on a line it speaks of the next
 * one, and of the whole block where a function, a map, an `if` or a loop begins there. `allow-file` speaks of the file.
 */
export interface Suppression {
  /** Each as written, with its place. */
  readonly rules: readonly SuppressedRule[];
  /** The lines it speaks of, both with it. */
  readonly first: number;
  readonly last: number;
  /** The comment. */
  readonly range: Range;
}

export interface SuppressedRule {
  /** A rule's id, or `all` in bpflint's words. */
  readonly name: string;
  readonly range: Range;
  /** Written for bpflint, by the name it has there. */
  readonly bpflint: boolean;
}

const COMMENT =
  /\b(?:hookpoint:\s*(allow(?:-file)?)\s+|(bpflint):\s*disable\s*=\s*)([a-z][\w-]*(?:\s*,\s*[a-z][\w-]*)*)/;

export function suppressionsOf({ source, tokens, cursor }: Lowered, lines: Lines): readonly Suppression[] {
  const found: Suppression[] = [];
  for (const comment of tokens.comments) {
    const match = COMMENT.exec(source.slice(comment.start, comment.end));
    if (match === null) continue;
    const [whole, form, bpflint, list = ""] = match;
    const listStart = comment.start + match.index + whole.length - list.length;
    const rules = [...list.matchAll(/[a-z][\w-]*/g)].map(({ 0: name, index }) => ({
      name,
      range: lines.rangeOf({ start: listStart + index, end: listStart + index + name.length }),
      bpflint: bpflint !== undefined,
    }));
    const range = lines.rangeOf(comment);
    const reach = form === "allow-file" ? EVERYWHERE : linesBehind(range, cursor, lines);
    found.push({ rules, range, ...reach });
  }
  return found;
}

const EVERYWHERE = { first: 0, last: Number.MAX_SAFE_INTEGER };

type Reach = Pick<Suppression, "first" | "last">;

function linesBehind({ start, end }: Range, cursor: Cursor, lines: Lines): Reach {
  const isAlone = lines.textOf(start.line).slice(0, start.character).trim() === "";
  const isLast = lines.textOf(end.line).slice(end.character).trim() === "";
  if (!isAlone || !isLast) return { first: end.line, last: end.line };
  // Several such comments stand one below the other.
  let line = end.line + 1;
  while (ONLY_COMMENT.test(lines.textOf(line))) line++;
  return { first: end.line + 1, last: Math.max(line, lastLineOfBlock(line, cursor, lines)) };
}

const ONLY_COMMENT = /^\s*(?:\/\/|\/\*.*\*\/\s*$)/;

/** Where the statement or declaration ends whose first word stands on a line; the line itself where it has no block. */
function lastLineOfBlock(line: number, cursor: Cursor, lines: Lines): number {
  const from = lines.offsetAt({ line, character: 0 });
  const first = cursor.firstFrom(from);
  if (first >= cursor.count || lines.positionAt(cursor.start(first)).line !== line) return line;
  let last = first;
  for (let i = first; i < cursor.count; i++) {
    if (cursor.is(i, "{")) {
      last = cursor.closing(i);
      if (cursor.text(last + 1) === "else") i = last + 1;
      else if (DECLARES.test(cursor.text(first))) i = last;
      else break;
    } else if (cursor.is(i, "(") || cursor.is(i, "[")) {
      i = Math.max(i, cursor.closing(i));
    } else if (cursor.is(i, ";") || cursor.is(i, "}")) {
      last = Math.max(last, cursor.is(i, ";") ? i : last);
      break;
    }
    if (isFunctionEnd(i, last, cursor)) break;
  }
  return lines.positionAt(cursor.end(last)).line;
}

/** Words behind whose braces a name and a semicolon may follow. */
const DECLARES = /^(?:struct|union|enum|typedef|static|const|volatile)$/;

/** `static int f(void) { … }` is over at its brace; `static struct { … } x;` is not. */
function isFunctionEnd(i: number, last: number, cursor: Cursor): boolean {
  if (i !== last || !cursor.is(i, "}")) return false;
  let open = i;
  while (open > 0 && cursor.closing(open) !== i) open--;
  return cursor.is(open - 1, ")");
}
