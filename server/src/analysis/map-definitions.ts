/** How the maps of a file are written: every member of a definition in libbpf's form, and what stands around them. */

import type { MapFacts } from "./model.ts";
import type { Lowered, MapMember } from "./syntax/dialect.ts";
import type { VariableOutline } from "./syntax/outline.ts";
import type { Lines, Range, Span } from "./text.ts";

/** `struct { __uint(…); … } name SEC(".maps");` spelt out on the spot, or an inner one in `__array(values, struct { … })`. */
export interface MapDefinition {
  /** `outer.inner` for an inner one, as libbpf calls it. */
  readonly name: string;
  /** Of an inner one the word `struct`. */
  readonly nameRange: Range;
  readonly facts: MapFacts;
  readonly members: readonly DefinedMember[];
  readonly inner: MapDefinition | undefined;
  readonly isInner: boolean;
  /** Between the braces stands nothing but these members: what is not among them is not said. */
  readonly isWhole: boolean;
  /** Parts of it depend on `#if`: what was read need not be what is compiled. */
  readonly isConditional: boolean;
  /** The word, and the blanks behind it. */
  readonly staticRange: Range | undefined;
  /** From the first word to the name. */
  readonly range: Range;
  /** Between the braces. */
  readonly bodyRange: Range;
}

export interface DefinedMember {
  readonly macro: MapMember["macro"];
  readonly name: string;
  readonly nameRange: Range;
  readonly value: string;
  readonly valueRange: Range;
  /** With its semicolon. */
  readonly range: Range;
}

export interface DefinitionParts {
  readonly lowered: Lowered;
  readonly variables: readonly VariableOutline[];
  readonly lines: Lines;
  readonly factsOf: (name: string, members: readonly Pick<MapMember, "name" | "value">[]) => MapFacts;
}

export function definitionsOf(parts: DefinitionParts): readonly MapDefinition[] {
  const { lowered, variables, lines } = parts;
  const { cursor } = lowered;
  const seen = new Set<number>();
  const found: MapDefinition[] = [];
  for (const variable of variables) {
    // What a macro makes stands nowhere in the file.
    if (variable.section?.name !== ".maps" || variable.nameSpan.start <= variable.start) continue;
    const first = cursor.firstFrom(variable.start);
    const name = cursor.firstFrom(variable.nameSpan.start);
    let open = first;
    while (open < name && !cursor.is(open, "{")) open++;
    // Of `struct { … } a SEC(".maps"), b SEC(".maps");` the first speaks for both.
    if (open >= name || !cursor.isClosed(open) || seen.has(open)) continue;
    seen.add(open);
    let word: number | undefined;
    for (let i = first; i < open && word === undefined; i++) if (cursor.text(i) === "static") word = i;
    const place = {
      nameRange: lines.rangeOf(variable.nameSpan),
      staticRange:
        word === undefined ? undefined : lines.rangeOf({ start: cursor.start(word), end: cursor.start(word + 1) }),
      range: lines.rangeOf({ start: variable.start, end: variable.nameSpan.end }),
      isInner: false,
    };
    found.push(definitionAt(variable.name, open, place, parts));
  }
  return found;
}

type Place = Pick<MapDefinition, "nameRange" | "staticRange" | "range" | "isInner">;

function definitionAt(name: string, open: number, place: Place, parts: DefinitionParts): MapDefinition {
  const { lowered, lines, factsOf } = parts;
  const { cursor, islands, tokens } = lowered;
  const close = cursor.closing(open);
  const span = { start: cursor.end(open), end: cursor.start(close) };
  const byStart = new Map<number, MapMember>();
  for (const member of islands.members) if (within(member, span)) byStart.set(member.start, member);
  const found: MapMember[] = [];
  const members: DefinedMember[] = [];
  let isWhole = true;
  for (let i = open + 1; i < close; ) {
    const member = byStart.get(cursor.start(i));
    if (member === undefined) {
      // Attributes of a member, or a member of another kind.
      isWhole = false;
      i = cursor.is(i, "(") || cursor.is(i, "{") ? Math.max(i, cursor.closing(i)) + 1 : i + 1;
      continue;
    }
    const last = cursor.closing(i + 1);
    const ends = cursor.is(last + 1, ";");
    isWhole &&= ends;
    found.push(member);
    members.push(new MemberView(member, cursor.end(ends ? last + 1 : last), lines));
    i = last + (ends ? 2 : 1);
  }
  const values = found.find((member) => member.name === "values");
  return {
    name,
    facts: factsOf(name, found),
    members,
    inner: values && innerOf(name, values, parts),
    isWhole,
    isConditional: tokens.directives.some((directive) => within(directive, span)),
    bodyRange: lines.rangeOf(span),
    nameRange: place.nameRange,
    staticRange: place.staticRange,
    range: place.range,
    isInner: place.isInner,
  };
}

/** `__array(values, struct { … })`. */
function innerOf(outer: string, values: MapMember, parts: DefinitionParts): MapDefinition | undefined {
  const { lowered, lines } = parts;
  const { cursor } = lowered;
  const tag = cursor.firstFrom(values.valueSpan.start);
  if (cursor.text(tag) !== "struct") return undefined;
  let open = tag + 1;
  while (open <= tag + 2 && !cursor.is(open, "{")) open++;
  if (!cursor.is(open, "{") || !cursor.isClosed(open)) return undefined;
  const word = lines.rangeOf(cursor.span(tag));
  const place = { nameRange: word, staticRange: undefined, range: word, isInner: true };
  return definitionAt(`${outer}.inner`, open, place, parts);
}

/** Most are asked for name and value alone. */
class MemberView implements DefinedMember {
  readonly macro: MapMember["macro"];
  readonly name: string;
  readonly value: string;
  private readonly member: MapMember;
  private readonly end: number;
  private readonly lines: Lines;

  constructor(member: MapMember, end: number, lines: Lines) {
    this.macro = member.macro;
    this.name = member.name;
    this.value = member.value;
    this.member = member;
    this.end = end;
    this.lines = lines;
  }

  get nameRange(): Range {
    return this.lines.rangeOf(this.member.nameSpan);
  }

  get valueRange(): Range {
    return this.lines.rangeOf(this.member.valueSpan);
  }

  get range(): Range {
    return this.lines.rangeOf({ start: this.member.start, end: this.end });
  }
}

function within(inside: Span, { start, end }: Span): boolean {
  return inside.start >= start && inside.end <= end;
}
