/**
 * What rules found in one version of a file serves for the next, where nothing has changed that they looked at. Most keys
 * change a word in one function: a rule that asked for maps, or for other words, would find the same again.
 */

import { isCapital } from "./code.ts";
import { type Difference, differenceOf, movedReport, mover } from "./moved.ts";
import type { Report, Rule, RuleContext } from "./rule.ts";
import type { Marks, Sight, Watched } from "./sight.ts";
import type { Lines, Range, Span } from "./text.ts";

type Input = Omit<RuleContext, "allowed">;

type Found = Watched<readonly Report[]>;

interface Version extends Omit<Input, "model"> {
  readonly text: string;
  readonly lines: Lines;
  readonly marks: Marks;
}

/** Of one file. Reports that are taken over have no fixes: those are made anew when somebody asks for them. */
export class Earlier {
  private version: Version | undefined;
  private readonly found = new Map<Rule, Found>();

  /** What can be taken over, by rule. What is not is to be looked for, and to be kept. */
  for(input: Input): (rule: Rule) => readonly Report[] | undefined {
    const { model, ...rest } = input;
    const { lines, text } = model.code;
    const { version } = this;
    this.version = { ...rest, text, lines, marks: model.marks };
    if (version === undefined || !areAlike(version, this.version)) {
      this.found.clear();
      return () => undefined;
    }
    const edit = editOf(version, this.version);
    return (rule) => {
      const before = this.found.get(rule);
      if (before === undefined) return undefined;
      const reports = edit.touches(before.seen) ? undefined : edit.moved(before.result);
      if (reports === undefined) this.found.delete(rule);
      else if (reports !== before.result) this.found.set(rule, { result: reports, seen: before.seen });
      return reports;
    };
  }

  keep(rule: Rule, found: Found): void {
    this.found.set(rule, found);
  }
}

function areAlike(a: Version, b: Version): boolean {
  return (
    a.marks.outside === b.marks.outside &&
    a.kb === b.kb &&
    a.targets === b.targets &&
    a.loader === b.loader &&
    a.arch === b.arch
  );
}

interface Edit {
  readonly touches: (seen: Sight) => boolean;
  /** Undefined where one was typed into. */
  readonly moved: (reports: readonly Report[]) => readonly Report[] | undefined;
}

function editOf(then: Version, now: Version): Edit {
  const difference = differenceOf(then.text, now.text);
  if (difference === undefined) return { touches: () => false, moved: (reports) => reports };
  const names = namesAround(difference, then.text, now.text);
  const hasCapital = names !== undefined && [...names].some(isCapital);
  const move = mover(difference, then.lines, now.lines);
  return {
    touches: ({ bodies, calls, names: asked, capitals }) =>
      bodies ||
      (calls && then.marks.calls !== now.marks.calls) ||
      (capitals && (names === undefined || hasCapital)) ||
      (asked !== undefined && (names === undefined || [...asked].some((name) => names.has(name)))),
    moved: (reports) => (reports.length === 0 ? reports : movedAll(reports, move)),
  };
}

function movedAll(
  reports: readonly Report[],
  move: (range: Range) => Range | undefined,
): readonly Report[] | undefined {
  const found: Report[] = [];
  for (const report of reports) {
    const { fixes: _, ...rest } = report;
    const moved = movedReport(rest, move);
    if (moved === undefined || moved.related?.length !== report.related?.length) return undefined;
    found.push(moved);
  }
  return found;
}

/** The words that an edit changed, and those beside it. Undefined where it may have made a comment or a string of more than that. */
function namesAround({ before, now }: Difference, then: string, text: string): ReadonlySet<string> | undefined {
  const old = aroundWords(then, before);
  const fresh = aroundWords(text, now);
  if (BEGINS_OTHER.test(old) || BEGINS_OTHER.test(fresh)) return undefined;
  return new Set([...(old.match(WORD) ?? []), ...(fresh.match(WORD) ?? [])]);
}

function aroundWords(text: string, span: Span): string {
  let start = Math.min(span.start, span.end);
  let end = Math.max(span.start, span.end);
  while (start > 0 && !isWord(text, start - 1)) start--;
  while (isWord(text, start - 1)) start--;
  while (end < text.length && !isWord(text, end)) end++;
  while (isWord(text, end)) end++;
  return text.slice(start, end);
}

function isWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95;
}

const BEGINS_OTHER = /["'/\\]/;
const WORD = /\w+/g;
