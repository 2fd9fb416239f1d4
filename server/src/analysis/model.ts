/** What a BPF C file means: programs, maps and calls, each with its range, without a trace of syntax types. */

import { type Lowered, lower } from "./syntax/dialect.ts";
import { type FunctionOutline, type Outline, outlineOf, type VariableOutline } from "./syntax/outline.ts";
import type { Parsed, Syntax } from "./syntax/parse.ts";
import { type Word, wordAt } from "./syntax/words.ts";
import { type Lines, linesOf, type Position, type Range, type Span } from "./text.ts";

export interface BpfModel {
  readonly programs: readonly Program[];
  readonly functions: readonly BpfFunction[];
  readonly maps: readonly BpfMap[];
  readonly calls: readonly Call[];
  readonly licence: Licence | undefined;
  readonly suppressions: readonly Suppression[];
  /** The word of code at a position; undefined in comments, strings and blanks. */
  wordAt(position: Position): Word | undefined;
}

/** A function with a body, whether the kernel calls it or the file's own code does. */
export interface BpfFunction {
  readonly name: string;
  readonly nameRange: Range;
  readonly range: Range;
  readonly section: Section | undefined;
}

/** A function that the loader hands to the kernel. */
export interface Program extends BpfFunction {
  readonly section: Section;
}

export interface Section {
  /** The string libbpf sees; undefined when a macro from elsewhere is part of it. */
  readonly name: string | undefined;
  readonly nameRange: Range;
  /** The whole `SEC("…")`. */
  readonly range: Range;
}

export interface BpfMap {
  readonly name: string;
  readonly nameRange: Range;
  readonly range: Range;
  readonly section: Section;
  /** `BPF_MAP_TYPE_HASH`, as written; undefined when the definition does not say it on the spot. */
  readonly type: string | undefined;
  readonly attributes: readonly MapAttribute[];
}

export interface MapAttribute {
  readonly name: string;
  readonly nameRange: Range;
  readonly value: string;
  readonly valueRange: Range;
  readonly range: Range;
}

export interface Call {
  readonly name: string;
  readonly nameRange: Range;
  readonly range: Range;
  readonly args: readonly Argument[];
  /** The function whose body holds the call. */
  readonly in: BpfFunction | undefined;
}

export interface Argument {
  readonly text: string;
  readonly range: Range;
  /** The map of this file that the argument is the address of. */
  readonly map: BpfMap | undefined;
}

export interface Licence {
  readonly text: string;
  readonly range: Range;
}

/** `// hookpoint: allow <rule>, <rule> reason`: silences its own line and the next line of code. */
export interface Suppression {
  readonly rules: readonly string[];
  readonly line: number;
  readonly range: Range;
}

/** A model together with what the next version of the same file can reuse. */
export interface Built {
  readonly model: BpfModel;
  readonly lines: Lines;
  readonly lowered: Lowered;
  readonly parsed: Parsed;
}

export function buildModel(source: string, syntax: Syntax, previous?: Built): Built {
  const lowered = lower(source);
  const parsed = syntax.parse(lowered.text, previous && { text: previous.lowered.text, parsed: previous.parsed });
  const lines = linesOf(source);
  return { model: modelOf(lowered, parsed, lines), lines, lowered, parsed };
}

function modelOf(lowered: Lowered, parsed: Parsed, lines: Lines): BpfModel {
  const outline = outlineOf(lowered);
  const functions = outline.functions.map((fn) => functionOf(fn, lines));
  const maps = outline.variables.filter(isMap).map((variable) => mapOf(variable, lowered, lines));
  return {
    functions,
    programs: functions.filter((fn): fn is Program => fn.section !== undefined),
    maps,
    calls: callsOf(parsed, lowered, lines, outline, functions, maps),
    licence: licenceOf(outline, lines),
    suppressions: suppressionsOf(lowered, lines),
    wordAt: (position) => wordAt(lowered, lines, position),
  };
}

function functionOf({ name, nameSpan, section, start, end }: FunctionOutline, lines: Lines): BpfFunction {
  return {
    name,
    nameRange: lines.rangeOf(nameSpan),
    range: lines.rangeOf({ start, end }),
    section: section && sectionOf(section, lines),
  };
}

function sectionOf(mark: NonNullable<FunctionOutline["section"]>, lines: Lines): Section {
  return { name: mark.name, nameRange: lines.rangeOf(mark.nameSpan), range: lines.rangeOf(mark) };
}

function isMap({ section }: VariableOutline): boolean {
  return section.name === ".maps" || section.name === "maps" || section.name?.startsWith("maps/") === true;
}

function mapOf(variable: VariableOutline, { source }: Lowered, lines: Lines): BpfMap {
  const attributes = outermost(variable.members).map((member) => ({
    name: member.name,
    nameRange: lines.rangeOf(member.nameSpan),
    value: textOf(source, member.valueSpan),
    valueRange: lines.rangeOf(member.valueSpan),
    range: lines.rangeOf(member),
  }));
  return {
    name: variable.name,
    nameRange: lines.rangeOf(variable.nameSpan),
    range: lines.rangeOf(variable),
    section: sectionOf(variable.section, lines),
    type: attributes.find(({ name }) => name === "type")?.value,
    attributes,
  };
}

/** The members of an inner map definition belong to that one. */
function outermost<T extends Span>(members: readonly T[]): readonly T[] {
  let end = -1;
  return members.filter((member) => {
    if (member.start < end) return false;
    end = member.end;
    return true;
  });
}

function callsOf(
  parsed: Parsed,
  { source }: Lowered,
  lines: Lines,
  outline: Outline,
  functions: readonly BpfFunction[],
  maps: readonly BpfMap[],
): readonly Call[] {
  const mapByName = new Map(maps.map((map) => [map.name, map]));
  const mapOfArgument = (text: string): BpfMap | undefined => {
    const name = /^&\s*(\w+)$/.exec(text)?.[1];
    return name === undefined ? undefined : mapByName.get(name);
  };
  let at = 0;
  // Calls and functions both come in the order of the text, so one pass finds each call's function.
  const enclosing = (offset: number): BpfFunction | undefined => {
    while (at < outline.functions.length && (outline.functions[at]?.end ?? 0) <= offset) at++;
    const fn = outline.functions[at];
    return fn !== undefined && fn.start <= offset ? functions[at] : undefined;
  };
  return parsed.calls.map((call) => ({
    name: call.name,
    nameRange: lines.rangeOf(call.nameSpan),
    range: lines.rangeOf(call),
    args: call.args.map((span) => {
      const text = textOf(source, span);
      return { text, range: lines.rangeOf(span), map: mapOfArgument(text) };
    }),
    in: enclosing(call.start),
  }));
}

function licenceOf(outline: Outline, lines: Lines): Licence | undefined {
  const variable = outline.variables.find(({ section }) => section.name === "license");
  const string = variable?.string;
  return string && { text: string.text, range: lines.rangeOf(string.span) };
}

const ALLOW = /\bhookpoint:\s*allow\s+([a-z][\w-]*(?:\s*,\s*[a-z][\w-]*)*)/;

function suppressionsOf({ source, tokens }: Lowered, lines: Lines): readonly Suppression[] {
  const found: Suppression[] = [];
  for (const comment of tokens.comments) {
    const rules = ALLOW.exec(textOf(source, comment))?.[1];
    if (rules === undefined) continue;
    const range = lines.rangeOf(comment);
    found.push({ rules: rules.split(/\s*,\s*/), line: range.end.line, range });
  }
  return found;
}

function textOf(source: string, span: Span): string {
  return source.slice(span.start, span.end);
}
