/**
 * Which alternatives of `#if … #else … #endif` the rest of the reader sees.
 *
 * Where every branch stands on its own all are kept: a program for one kernel is as much part of the file as one for
 * another. Where branches are pieces of one statement, or a condition is plainly false, some must go.
 */

import type { Span } from "../text.ts";
import type { Directive, Tokens } from "./tokens.ts";
import { PUNCTUATION } from "./tokens.ts";

/** What headers define a name as. */
export type Known = (name: string) => { readonly isOff?: boolean } | undefined;

export interface Active {
  readonly tokens: Tokens;
  /** Text of the branches that were dropped. */
  readonly dropped: readonly Span[];
  /** Whether a line stands in a branch that another one comes before. */
  readonly isAlternative: (place: Span) => boolean;
}

export function activeTokens(source: string, tokens: Tokens, known: Known): Active {
  const groups = groupsOf(source, tokens, known);
  const alternatives = groups.flatMap((group) => group.branches.filter((branch) => branch !== preferred(group)));
  const isAlternative = ({ start }: Span): boolean => alternatives.some((b) => b.start <= start && start < b.end);
  const isExclusive = groups.length === 0 ? () => false : aggregates(source, tokens);
  const dropped = mergeSpans(groups.flatMap((group) => dropOf(source, tokens, group, isExclusive)));
  return { tokens: dropped.length === 0 ? tokens : without(tokens, dropped), dropped, isAlternative };
}

/** Whether a place is in the body of a type or in an initialiser: there, branches would add up to what never exists. */
function aggregates(source: string, { kinds, starts, count }: Tokens): (offset: number) => boolean {
  const spans: { start: number; end: number }[] = [];
  const open: { readonly start: number; readonly isFunction: boolean }[] = [];
  for (let i = 0; i < count; i++) {
    if (kinds[i] !== PUNCTUATION) continue;
    const start = starts[i] ?? 0;
    const character = source.charAt(start);
    if (character === "{") {
      const before = i === 0 ? "" : source.charAt(starts[i - 1] ?? 0);
      const isFunction = open.at(-1)?.isFunction === true || (before === ")" && kinds[i - 1] === PUNCTUATION);
      open.push({ start, isFunction });
    } else if (character === "}") {
      const top = open.pop();
      if (top !== undefined && !top.isFunction) spans.push({ start: top.start, end: start });
    }
  }
  return (offset) => spans.some(({ start, end }) => start < offset && offset < end);
}

/** One `#if` with its branches. */
interface Group {
  readonly branches: Branch[];
}

interface Branch extends Span {
  /** Whether it is compiled: `undefined` when that depends on what is not in the file. */
  readonly taken: boolean | undefined;
  /** `#ifdef X` of a name that nothing here defines: off unless the build turns it on. */
  readonly isOptional: boolean;
}

/** The branch to read where only one can be: of `#ifdef X … #else …` what is compiled when nobody defines X. */
function preferred({ branches }: Group): Branch | undefined {
  const possible = branches.filter(({ taken }) => taken !== false);
  const [first, second] = possible;
  return possible.length === 2 && first?.isOptional === true ? second : first;
}

function groupsOf(source: string, { directives }: Tokens, known: Known): readonly Group[] {
  const done: Group[] = [];
  const open: { group: Group; start: number; taken: boolean | undefined; isOptional: boolean }[] = [];
  const defined = new Map<string, string>();
  /** Names of which the file itself says something, on whatever condition. */
  const own = new Set<string>();
  const isOff = (name: string): boolean => !own.has(name) && known(name)?.isOff === true;
  const close = (end: number): void => {
    const top = open.at(-1);
    top?.group.branches.push({ start: top.start, end, taken: top.taken, isOptional: top.isOptional });
  };
  for (const directive of directives) {
    const { name, start, end } = directive;
    if (name === "if" || name === "ifdef" || name === "ifndef") {
      const name = optionName(source, directive);
      const isOptional = name !== undefined && !defined.has(name) && known(name) === undefined;
      open.push({
        group: { branches: [] },
        start: end,
        taken: conditionOf(source, directive, defined, isOff),
        isOptional,
      });
    } else if (name === "elif" || name === "else") {
      close(start);
      const top = open.at(-1);
      if (top === undefined) continue;
      top.start = end;
      top.isOptional = false;
      top.taken = elseOf(top.group, name === "else" ? true : conditionOf(source, directive, defined, isOff));
    } else if (name === "endif") {
      close(start);
      const top = open.pop();
      if (top !== undefined) done.push(top.group);
    } else if (name === "define") {
      // Of a macro with parameters only the name is of interest: `#define DEBUGF(x)` defines no `DEBUG`.
      const match = /^\s*([A-Za-z_]\w*)(\(?)(.*)$/s.exec(source.slice(directive.bodyStart, end));
      if (match?.[1] === undefined) continue;
      own.add(match[1]);
      // A definition inside a condition may or may not count, so only the unconditional ones decide anything.
      if (open.length === 0) defined.set(match[1], match[2] === "(" ? "" : (match[3] ?? "").trim());
    } else if (name === "undef") {
      const undefinedName = source.slice(directive.bodyStart, end).trim();
      own.add(undefinedName);
      defined.delete(undefinedName);
    }
  }
  return done;
}

/** A later branch is not taken when an earlier one certainly is. */
function elseOf(group: Group, condition: boolean | undefined): boolean | undefined {
  if (group.branches.some(({ taken }) => taken === true)) return false;
  return condition === false ? false : group.branches.every(({ taken }) => taken === false) ? condition : undefined;
}

/** What can be said of a condition: constants, names that the file defined itself, and those that a header has as 0. */
function conditionOf(
  source: string,
  directive: Directive,
  defined: ReadonlyMap<string, string>,
  isOff: (name: string) => boolean,
): boolean | undefined {
  const text = source
    .slice(directive.bodyStart, directive.end)
    .replace(/\/\*.*?\*\/|\/\/.*$/gs, " ")
    .trim();
  if (directive.name === "ifdef") return isDefined(text, defined);
  if (directive.name === "ifndef") return not(isDefined(text, defined));
  const definedName = /^(!?)\s*defined\s*(?:\(\s*(\w+)\s*\)|(\w+))$/.exec(text);
  if (definedName !== null) {
    const known = isDefined(definedName[2] ?? definedName[3] ?? "", defined);
    return definedName[1] === "!" ? not(known) : known;
  }
  return isOff(text) ? false : truthOf(defined.get(text) ?? text);
}

/** `0`, `(0)`, `0x0`, `0 && X`: what a condition of numbers comes to. */
export function truthOf(text: string): boolean | undefined {
  const inner = /^\(([^()]*)\)$/.exec(text)?.[1]?.trim() ?? text;
  if (/^0+\s*&&[^|?]*$/.test(inner)) return false;
  const digits = /^(0[xX][\da-fA-F]+|\d+)[uUlL]*$/.exec(inner)?.[1];
  return digits === undefined ? undefined : !/^0(?:[xX])?0*$/.test(digits);
}

/** `#ifndef X` before `#define X`: it asks nothing about the build. */
export function isIncludeGuard(source: string, asks: Directive, next: Directive | undefined): boolean {
  const textOf = ({ bodyStart, end }: Directive): string => source.slice(bodyStart, end).trim();
  return asks.name === "ifndef" && next?.name === "define" && textOf(next) === textOf(asks);
}

/** The name that `#ifdef X` or `#if defined(X)` asks for. */
function optionName(source: string, { name, bodyStart, end }: Directive): string | undefined {
  const text = source.slice(bodyStart, end).trim();
  if (name === "ifdef") return /^\w+/.exec(text)?.[0];
  return name === "if" ? /^defined\s*\(?\s*(\w+)\s*\)?$/.exec(text)?.[1] : undefined;
}

function isDefined(name: string, defined: ReadonlyMap<string, string>): boolean | undefined {
  if (defined.has(name)) return true;
  // The one name that is certain: this is C.
  return name === "__cplusplus" ? false : undefined;
}

function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}

function dropOf(
  source: string,
  tokens: Tokens,
  group: Group,
  isExclusive: (offset: number) => boolean,
): readonly Span[] {
  const { branches } = group;
  const possible = branches.filter(({ taken }) => taken !== false);
  const impossible = branches.filter(({ taken }) => taken === false);
  const [first] = possible;
  if (first === undefined) return impossible;
  if (possible.length === 1) return isExclusive(first.start) && first.isOptional ? branches : impossible;
  const areWhole = possible.every((branch) => standsAlone(source, tokens, branch));
  if (areWhole && !isExclusive(first.start)) return impossible;
  const kept = preferred(group);
  return branches.filter((branch) => branch !== kept);
}

/** Whether a branch is whole: brackets in pairs, and nothing left open at its end. */
function standsAlone(source: string, { kinds, starts, count }: Tokens, { start, end }: Span): boolean {
  const first = firstFrom(starts, count, start);
  let depth = 0;
  let last = ";";
  for (let i = first; i < count && (starts[i] ?? end) < end; i++) {
    last = kinds[i] === PUNCTUATION ? source.charAt(starts[i] ?? 0) : "word";
    if (last === "(" || last === "[" || last === "{") depth++;
    else if ((last === ")" || last === "]" || last === "}") && --depth < 0) return false;
  }
  return depth === 0 && (last === ";" || last === "}" || last === ",");
}

/** The first token that starts at or after `offset`. */
function firstFrom(starts: Int32Array, count: number, offset: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function mergeSpans(spans: readonly Span[]): readonly Span[] {
  const merged: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last === undefined || span.start >= last.end) merged.push(span);
    else if (span.end > last.end) merged[merged.length - 1] = { start: last.start, end: span.end };
  }
  return merged;
}

function without(tokens: Tokens, dropped: readonly Span[]): Tokens {
  const { count, kinds, starts, ends } = tokens;
  const kept = { kinds: new Uint8Array(count), starts: new Int32Array(count), ends: new Int32Array(count) };
  let n = 0;
  let at = 0;
  for (let i = 0; i < count; i++) {
    const start = starts[i] ?? 0;
    while (at < dropped.length && (dropped[at]?.end ?? 0) <= start) at++;
    if (start >= (dropped[at]?.start ?? Number.POSITIVE_INFINITY)) continue;
    kept.kinds[n] = kinds[i] ?? 0;
    kept.starts[n] = start;
    kept.ends[n] = ends[i] ?? 0;
    n++;
  }
  const inDropped = ({ start }: Span): boolean => dropped.some((span) => span.start <= start && start < span.end);
  return {
    count: n,
    kinds: kept.kinds.subarray(0, n),
    starts: kept.starts.subarray(0, n),
    ends: kept.ends.subarray(0, n),
    directives: tokens.directives.filter((directive) => !inDropped(directive)),
    comments: tokens.comments,
  };
}
