/** What was found in a text, where characters and tokens have come or gone before it. */

import type { Span } from "../text.ts";
import type { AttributeWord, CallMark, Expansion, Islands, MapMember, ProgramMacro, SectionMark } from "./dialect.ts";
import type { FunctionOutline, Outline, PrototypeOutline, VariableOutline } from "./outline.ts";
import type { Directive } from "./tokens.ts";

/** How far what stands behind a stretch has moved, by characters and by tokens. */
export interface Move {
  readonly from: number;
  readonly by: number;
  readonly tokens: number;
}

/** What others stand in the place of, in one stretch; undefined where something reaches into it or out of it. */
export function islandsAround(old: Islands, inside: Islands, fn: Span, move: Move): Islands | undefined {
  let isApart = true;
  const around = <T extends Span>(before: readonly T[], now: readonly T[], moved: (one: T, move: Move) => T): T[] => {
    const found: T[] = [];
    for (const one of before) {
      if (one.end <= fn.start) found.push(one);
      else if (one.start < fn.start || (one.start < fn.end && one.end > fn.end)) isApart = false;
    }
    found.push(...now);
    for (const one of before) if (one.start >= fn.end) found.push(moved(one, move));
    return found;
  };
  const islands: Islands = {
    sections: around(old.sections, inside.sections, movedSection),
    members: around(old.members, inside.members, movedMember),
    programMacros: around(old.programMacros, inside.programMacros, movedMacro),
    attributes: around(old.attributes, inside.attributes, movedAttribute),
    expansions: around(old.expansions, inside.expansions, movedExpansion),
    calls: around(old.calls, inside.calls, movedCall),
  };
  return isApart ? islands : undefined;
}

export function outlineBehind({ functions, variables, prototypes }: Outline, move: Move): Outline {
  const { from } = move;
  return {
    functions: functions.map((one) => (one.start < from ? one : movedFunction(one, move))),
    variables: variables.map((one) => (one.start < from ? one : movedVariable(one, move))),
    prototypes: prototypes.map((one) => (one.start < from ? one : movedPrototype(one, move))),
  };
}

export function movedSpan({ start, end }: Span, { by }: Pick<Move, "by">): Span {
  return { start: start + by, end: end + by };
}

export function movedDirective({ start, end, name, bodyStart }: Directive, { by }: Pick<Move, "by">): Directive {
  return { start: start + by, end: end + by, name, bodyStart: bodyStart + by };
}

export function movedSection({ start, end, token, lastToken, name, nameSpan }: SectionMark, move: Move): SectionMark {
  const { by, tokens } = move;
  return {
    start: start + by,
    end: end + by,
    token: token + tokens,
    lastToken: lastToken + tokens,
    name,
    nameSpan: movedSpan(nameSpan, move),
  };
}

export function movedMember(member: MapMember, move: Move): MapMember {
  const spans = { nameSpan: movedSpan(member.nameSpan, move), valueSpan: movedSpan(member.valueSpan, move) };
  return { ...member, ...movedSpan(member, move), ...spans };
}

export function movedAttribute(attribute: AttributeWord, move: Move): AttributeWord {
  return { ...attribute, ...movedSpan(attribute, move) };
}

export function movedMacro(macro: ProgramMacro, move: Move): ProgramMacro {
  const spans = { nameSpan: movedSpan(macro.nameSpan, move), argsSpan: movedSpan(macro.argsSpan, move) };
  return { ...macro, ...movedSpan(macro, move), token: macro.token + move.tokens, ...spans };
}

export function movedExpansion(expansion: Expansion, move: Move): Expansion {
  const { token, lastToken, argSpans } = expansion;
  return {
    ...expansion,
    ...movedSpan(expansion, move),
    token: token + move.tokens,
    lastToken: lastToken + move.tokens,
    argSpans: argSpans.map((span) => movedSpan(span, move)),
  };
}

export function movedCall({ start, end, name, token, lastToken, closed }: CallMark, { by, tokens }: Move): CallMark {
  return { start: start + by, end: end + by, name, token: token + tokens, lastToken: lastToken + tokens, closed };
}

function movedFunction(fn: FunctionOutline, move: Move): FunctionOutline {
  return {
    ...fn,
    ...movedSpan(fn, move),
    nameSpan: movedSpan(fn.nameSpan, move),
    bodySpan: movedSpan(fn.bodySpan, move),
    section: fn.section && movedSection(fn.section, move),
  };
}

function movedVariable(variable: VariableOutline, move: Move): VariableOutline {
  const { section, members, string, nameSpan } = variable;
  return {
    ...variable,
    ...movedSpan(variable, move),
    nameSpan: movedSpan(nameSpan, move),
    section: section && movedSection(section, move),
    members: members.map((member) => movedMember(member, move)),
    string: string && { text: string.text, span: movedSpan(string.span, move) },
  };
}

function movedPrototype(prototype: PrototypeOutline, move: Move): PrototypeOutline {
  return { ...prototype, ...movedSpan(prototype, move), nameSpan: movedSpan(prototype.nameSpan, move) };
}
