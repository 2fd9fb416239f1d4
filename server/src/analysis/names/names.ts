/** What the names of a file refer to, over the file and the headers that were followed: one thing, all its places. */

import type { Header } from "../header.ts";
import { rememberedOf } from "../remember.ts";
import type { Lowered } from "../syntax/dialect.ts";
import type { Outline } from "../syntax/outline.ts";
import { type Lines, linesOf, type Range, type Span } from "../text.ts";
import { type DeclaredKind, type Local, type Mention, type Mentions, readMentions, type Space } from "./mentions.ts";

export type NameKind = DeclaredKind | "map" | "program";

/** What a name refers to. */
export interface Named {
  readonly name: string;
  readonly space: Space;
  /** Undefined for what only one part of the file knows of. */
  readonly local: Local | undefined;
  /** Undefined for what is defined neither here nor in a header that was followed. */
  readonly kind: NameKind | undefined;
}

export interface NamedPlace {
  /** The header; undefined in the file itself. */
  readonly header: string | undefined;
  readonly span: Span;
  readonly range: Range;
  readonly role: Mention["role"];
  readonly isWrite: boolean;
}

/** Where a macro makes something of a name that is nowhere written. */
export interface MadePlace {
  readonly header: string | undefined;
  readonly range: Range;
}

/** A function with a body. */
export interface NamedFunction {
  readonly header: string | undefined;
  readonly name: string;
  readonly kind: "function" | "program";
  readonly section: string | undefined;
  readonly range: Range;
  readonly nameRange: Range;
  readonly span: Span;
}

export interface Names {
  /** What the word at an offset of the file refers to, and where that word is. */
  at(offset: number): { readonly named: Named; readonly range: Range } | undefined;
  /** A name that the whole file knows. */
  ofFile(name: string, space?: Space): Named;
  /** Every place, the file's own first. */
  places(named: Named): readonly NamedPlace[];
  /** What macros make under this name. */
  made(named: Named): readonly MadePlace[];
  /** Where something else already has a name, so that `named` cannot have it. */
  isTaken(name: string, named: Named): NamedPlace | undefined;
  /** A macro that is used where a local is known and speaks of something by its name: it means that local. */
  macroSpeakingOf(local: Local): string | undefined;
  /** Functions with a body, of the file and its headers. */
  functions(): readonly NamedFunction[];
  /** Every name that is spoken of in a function. */
  within(fn: NamedFunction): readonly { readonly named: Named; readonly range: Range }[];
}

interface NamedText {
  readonly header: string | undefined;
  readonly lowered: Lowered;
  readonly outline: Outline;
  readonly lines: Lines;
  readonly mentions: Mentions;
}

export interface NamesParts {
  readonly lowered: Lowered;
  readonly outline: Outline;
  readonly lines: Lines;
  readonly headers: readonly Header[];
}

export function namesOf({ lowered, outline, lines, headers }: NamesParts): Names {
  let known: readonly NamedText[] | undefined;
  const texts = (): readonly NamedText[] => {
    known ??= [
      { header: undefined, lowered, outline, lines, mentions: readMentions(lowered, outline) },
      ...headers.map((header) => textOfHeader(header)),
    ];
    return known;
  };
  const own = (): NamedText => texts()[0] as NamedText;
  const named = (mention: Mention): Named => ({
    name: mention.name,
    space: mention.space,
    local: mention.local,
    kind: mention.local?.kind ?? kindOf(texts(), mention.name, mention.space),
  });
  return {
    at: (offset) => {
      const mention = mentionAt(own().mentions.list, offset);
      return mention && { named: named(mention), range: lines.rangeOf(mention) };
    },
    ofFile: (name, space = "name") => ({ name, space, local: undefined, kind: kindOf(texts(), name, space) }),
    places: ({ name, space, local }) =>
      texts().flatMap((text) =>
        (indexOf(text.mentions).get(name) ?? []).flatMap((mention) =>
          mention.space === space && mention.local === local ? [placeOf(text, mention)] : [],
        ),
      ),
    made: ({ name, space, local }) =>
      space !== "name" || local !== undefined
        ? []
        : texts().flatMap(({ header, mentions: { made }, lines: own }) =>
            made.flatMap((one) => (one.name === name ? [{ header, range: own.rangeOf(one) }] : [])),
          ),
    isTaken: (name, other) => {
      for (const text of texts()) {
        const inTheWay = obstacles(text.mentions, name, other);
        if (inTheWay !== undefined) return placeOf(text, { role: "definition", ...inTheWay });
      }
      return undefined;
    },
    macroSpeakingOf: (local) => {
      const speaking = macrosSpeakingOf(texts(), local.name);
      if (speaking.size === 0) return undefined;
      return mentionsWithin(own().mentions.list, local.scope).find(({ name }) => speaking.has(name))?.name;
    },
    functions: () => texts().flatMap(functionsIn),
    within: (fn) => {
      const text = texts().find(({ header }) => header === fn.header);
      if (text === undefined) return [];
      return mentionsWithin(text.mentions.list, fn.span).map((mention) => ({
        named: named(mention),
        range: text.lines.rangeOf(mention),
      }));
    },
  };
}

/** What only one function knows is in the way where both are known. */
function obstacles(mentions: Mentions, name: string, { name: old, space, local }: Named): Span | undefined {
  const byName = indexOf(mentions);
  const known = byName.get(old) ?? [];
  const within = ({ scope }: Local, { start }: Span): boolean => scope.start <= start && start < scope.end;
  const found = (byName.get(name) ?? []).find((one) => {
    if (one.space !== space) return false;
    if (local !== undefined) return within(local, one) || (one.local !== undefined && overlap(one.local, local));
    const holder = one.local;
    return holder === undefined || known.some((place) => place.local === undefined && within(holder, place));
  });
  return (
    found ?? (local === undefined && space === "name" ? mentions.made.find((one) => one.name === name) : undefined)
  );
}

/** Those whose body has the name, and those that use one of them. */
function macrosSpeakingOf(texts: readonly NamedText[], name: string): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = [name];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const { mentions } of texts) {
      for (const { macro, local, role, space } of indexOf(mentions).get(next) ?? []) {
        if (macro === undefined || local !== undefined || role !== "use" || space !== "name" || found.has(macro))
          continue;
        found.add(macro);
        waiting.push(macro);
      }
    }
  }
  return found;
}

function overlap({ scope: a }: Local, { scope: b }: Local): boolean {
  return a.start < b.end && b.start < a.end;
}

const textOfHeader = rememberedOf(
  ({ uri, lowered, outline }: Header): NamedText => ({
    header: uri,
    lowered,
    outline,
    lines: linesOf(lowered.source),
    mentions: readMentions(lowered, outline),
  }),
);

const indexOf = rememberedOf(({ list }: Mentions): ReadonlyMap<string, readonly Mention[]> => {
  const byName = new Map<string, Mention[]>();
  for (const mention of list) {
    const known = byName.get(mention.name);
    if (known === undefined) byName.set(mention.name, [mention]);
    else known.push(mention);
  }
  return byName;
});

function kindOf(texts: readonly NamedText[], name: string, space: Space): NameKind | undefined {
  for (const { outline, mentions } of texts) {
    const found =
      (indexOf(mentions).get(name) ?? []).find(
        (one) => one.space === space && one.local === undefined && one.role !== "use",
      )?.kind ?? (space === "name" ? mentions.made.find((one) => one.name === name)?.kind : undefined);
    if (found === undefined) continue;
    if (space !== "name") return found;
    const isNamed = (one: { readonly name: string }): boolean => one.name === name;
    if (found === "variable") return isMapSection(outline.variables.find(isNamed)?.section?.name) ? "map" : found;
    if (found !== "function") return found;
    return outline.functions.find(isNamed)?.section === undefined ? found : "program";
  }
  return undefined;
}

function isMapSection(section: string | undefined): boolean {
  return section === ".maps" || section === "maps" || section?.startsWith("maps/") === true;
}

/** The word whose span holds the offset, or ends there. */
function mentionAt(list: readonly Mention[], offset: number): Mention | undefined {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.end ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  const [first, second] = [list[low], list[low + 1]];
  // Where one ends and the next begins, as in `a##b`, the one that begins is meant.
  if (second !== undefined && second.start === offset) return second;
  return first !== undefined && first.start <= offset && offset <= first.end ? first : undefined;
}

function mentionsWithin(list: readonly Mention[], { start, end }: Span): readonly Mention[] {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.start ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  let last = low;
  while (last < list.length && (list[last]?.end ?? end + 1) <= end) last++;
  return list.slice(low, last);
}

function placeOf(text: NamedText, mention: Span & Pick<Mention, "role">): NamedPlace {
  const { header, lines, lowered } = text;
  const { start, end, role } = mention;
  return {
    header,
    span: { start, end },
    range: lines.rangeOf({ start, end }),
    role,
    isWrite: role === "definition" || isWrite(lowered.source, mention),
  };
}

const WRITE_BEHIND = /^\s*(?:=(?!=)|[-+*/%&|^]=|<<=|>>=|\+\+|--)/;
const WRITE_BEFORE = /(?:\+\+|--)\s*$/;
/** Calls that change the map they are given. */
const CHANGES_MAP =
  /\bbpf_(?:map_(?:update|delete|push|pop)_elem|ringbuf_(?:output|reserve)|perf_event_output)\s*\((?:\s*\w+\s*,)?\s*&\s*$/;

function isWrite(source: string, { start, end }: Span): boolean {
  if (WRITE_BEHIND.test(source.slice(end, end + 12))) return true;
  const before = source.slice(Math.max(0, start - 60), start);
  return WRITE_BEFORE.test(before) || (before.endsWith("&") && CHANGES_MAP.test(before));
}

function functionsIn({ header, outline, lines }: NamedText): readonly NamedFunction[] {
  return outline.functions.map(({ name, nameSpan, section, start, end }) => ({
    header,
    name,
    kind: section === undefined ? "function" : "program",
    section: section?.name,
    range: lines.rangeOf({ start, end }),
    nameRange: lines.rangeOf(nameSpan),
    span: { start, end },
  }));
}
