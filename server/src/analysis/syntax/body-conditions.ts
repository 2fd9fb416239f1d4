/** The `#if … #else … #endif` lines of a function's body whose branches are both part of what is read. */

import type { Span } from "../text.ts";
import type { Cursor } from "./cursor.ts";
import type { Lowered } from "./dialect.ts";
import type { Directive } from "./tokens.ts";

export interface BranchLine extends Span {
  readonly kind: "if" | "elif" | "else" | "endif";
  /** As `#if` would have it, in one line; empty for `#else` and `#endif`. */
  readonly condition: string;
}

/** One line with what follows it up to the next one of its group. */
interface Branch {
  readonly directive: Directive;
  readonly kind: "if" | "elif" | "else";
  isDropped: boolean;
}

/**
 * Where only one branch is left the build decides nothing that we follow: it is read as if no lines stood around it. An
 * `#else` that is not written counts as a branch, unless what was dropped behind the one that is left says that the branches
 * are pieces of one statement.
 */
export function branchLinesOf({ source, tokens, cursor, dropped }: Lowered, body: Span): readonly BranchLine[] {
  const lines: BranchLine[] = [];
  const open: Branch[][] = [];
  let next = 0;
  /** Whether everything between a line and the next of its group is not read. */
  const isDroppedFrom = (offset: number): boolean => {
    while ((dropped[next]?.end ?? Number.POSITIVE_INFINITY) <= offset) next++;
    return (dropped[next]?.start ?? Number.POSITIVE_INFINITY) <= offset;
  };
  for (let i = firstBehind(tokens.directives, body.start); i < tokens.directives.length; i++) {
    const directive = tokens.directives[i];
    if (directive === undefined || directive.start >= body.end) break;
    const kind = KINDS.get(directive.name);
    if (kind === undefined || isDroppedFrom(directive.start)) continue;
    if (kind === "endif") {
      const group = open.pop();
      if (group !== undefined && !isPiece(cursor, group, directive)) lines.push(...linesOf(source, group, directive));
      continue;
    }
    if (kind === "if") open.push([]);
    open.at(-1)?.push({ directive, kind, isDropped: isDroppedFrom(directive.end) });
  }
  return lines.sort((a, b) => a.start - b.start);
}

const KINDS: ReadonlyMap<string, BranchLine["kind"]> = new Map([
  ["if", "if"],
  ["ifdef", "if"],
  ["ifndef", "if"],
  ["elif", "elif"],
  ["elifdef", "elif"],
  ["elifndef", "elif"],
  ["else", "else"],
  ["endif", "endif"],
]);

function firstBehind(directives: readonly Directive[], offset: number): number {
  let low = 0;
  let high = directives.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((directives[middle]?.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A lone `#ifdef X` around pieces of a statement, `if (x)`, `else …`, `} else {`: it is read as if X were defined. */
function isPiece(cursor: Cursor, group: readonly Branch[], end: Directive): boolean {
  const [only] = group;
  if (group.length !== 1 || only === undefined || only.isDropped) return false;
  const first = cursor.firstFrom(only.directive.end);
  const last = cursor.firstFrom(end.start) - 1;
  if (last < first) return false;
  if (cursor.text(first) === "else") return true;
  if (!cursor.is(last, ";") && !cursor.is(last, "}") && !cursor.is(last, ":")) return true;
  for (let i = first; i <= last; i++) {
    if (cursor.is(i, "}")) return true;
    if (!cursor.is(i, "{")) continue;
    const close = cursor.closing(i);
    if (close > last) return true;
    i = Math.max(i, close);
  }
  return false;
}

function linesOf(source: string, group: readonly Branch[], end: Directive): readonly BranchLine[] {
  const kept = group.filter(({ isDropped }) => !isDropped);
  const last = group.at(-1);
  const hasElse = last?.kind === "else";
  if (kept.length === 0 || (kept.length === 1 && (hasElse || last?.isDropped === true))) return [];
  const lines = kept.map(({ directive, kind }, n): BranchLine => {
    const { start, end } = directive;
    if (kind === "else") return { kind, condition: "", start, end };
    return { kind: n === 0 ? "if" : "elif", condition: conditionOf(source, directive), start, end };
  });
  return [...lines, { kind: "endif", condition: "", start: end.start, end: end.end }];
}

function conditionOf(source: string, { name, bodyStart, end }: Directive): string {
  const text = source
    .slice(bodyStart, end)
    .replace(/\/\*.*?\*\/|\/\/.*$/gs, " ")
    .replace(/\\\r?\n/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  if (name === "ifdef" || name === "elifdef") return `defined(${text})`;
  return name === "ifndef" || name === "elifndef" ? `!defined(${text})` : text;
}
