/** Feature: completion. What may stand at the cursor, by the place it is in; details when an item is looked at. */

import type { CompletionItem, CompletionList } from "vscode-languageserver-types";
import type { KnowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import { functionAt, programsAt, programsOf } from "../analysis/knowledge/programs.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import type { Position } from "../analysis/text.ts";
import { type Card, renderCard, type View } from "./card.ts";
import { callableDetail, circumstancesOf, helperOffers, kfuncOffers } from "./complete/callables.ts";
import { fieldItems } from "./complete/context-fields.ts";
import { flagItems } from "./complete/flag-argument.ts";
import { includeItems } from "./complete/includes.ts";
import {
  type Asked,
  groupOf,
  type ItemData,
  keptFor,
  type ListClient,
  type Offer,
  offers,
  RANK,
  withoutShared,
} from "./complete/item.ts";
import { licenceItems } from "./complete/licence.ts";
import { mapItems } from "./complete/map-argument.ts";
import { mapDefinitionItems } from "./complete/map-definition.ts";
import { constantOffers, macroOffers } from "./complete/names.ts";
import { type CodePlace, type Place, placeAt } from "./complete/place.ts";
import { returnItems } from "./complete/returns.ts";
import { functionNameItems, sectionItems } from "./complete/section.ts";
import { sectionCard } from "./complete/section-card.ts";
import { skeletonItems } from "./complete/skeleton-items.ts";
import { sleepsIn } from "./complete/standing.ts";
import { contextBefore } from "./context-at.ts";
import { describeField } from "./describe/context-field.ts";
import { cardOf } from "./hover.ts";
import { knownToC } from "./known-to-c.ts";

/** Longer lists nobody reads: what is typed next narrows them down. */
const MANY = 150;

/** @param asking `typed`: the character that made the editor ask, where it did so by itself */
export function completion(
  file: Snapshot,
  kb: KnowledgeBase,
  position: Position,
  view: View,
  { typed, ...client }: ListClient & { readonly typed?: string | undefined } = {},
): CompletionList | null {
  const place = isBpf(file) ? placeAt(file, position) : undefined;
  if (place === undefined || !isAskedBy(typed, place)) return null;
  const fn = functionAt(file.model, position);
  const programs = fn === undefined ? [] : programsOf(fn, file.model, kb, view.loader);
  const situation: Omit<Asked, "kept"> = {
    file,
    kb,
    view,
    position,
    fn,
    programs,
    sleeps: sleepsIn(fn, file.model, kb, view.loader),
    client,
    isCalled: place.kind === "code" && place.isCalled,
  };
  const kept = place.kind === "code" ? keptFor(situation, circumstancesOf(situation)) : undefined;
  const asked: Asked = { ...situation, kept };
  const { found, isWhole } = gathered(ours(offersAt(asked, place, typed), asked, place, typed), place);
  const shown = mostLikely(found, place).sort(order);
  // What is left out now may be wanted when more is typed.
  return {
    isIncomplete: !isWhole || found.length > MANY || (isFirstStage(place) && !isOursAlone(view, typed)),
    ...(client.sharesData === true
      ? {
          itemDefaults: { data: { uri: file.uri, at: position } },
          items: shown.map(({ item }) => withoutShared(item(asked))),
        }
      : { items: shown.map(({ item }) => item(asked)) }),
  };
}

/** Behind these an editor asks nobody but us, unless we have it ask again with the first letter. */
const OURS_ALONE: ReadonlySet<string> = new Set(["(", ",", "&"]);

function isOursAlone({ besideC }: View, typed: string | undefined): boolean {
  return besideC !== undefined && typed !== undefined && OURS_ALONE.has(typed);
}

/** A server for C beside us offers what C declares, and the headers there are. In strings and map definitions it has nothing. */
function* ours(
  groups: Iterable<readonly Offer[]>,
  { file, kb, view }: Asked,
  place: Place,
  typed: string | undefined,
): Iterable<readonly Offer[]> {
  if (view.besideC === undefined || isOursAlone(view, typed)) return yield* groups;
  if (place.kind === "section" || place.kind === "licence") return yield* groups;
  if (place.kind === "include") return;
  const isKnown = knownToC(file, kb, view.besideC);
  if (place.kind === "member") {
    const context = contextBefore(file, kb, file.lines.positionAt(place.word.start));
    if (context === undefined || !isKnown(context.name)) yield* groups;
    return;
  }
  for (const group of groups) yield group.filter(({ label }) => !isKnown(label));
}

/** Group by group, until there are more than are shown of what begins as what was typed and may stand here. */
function gathered(groups: Iterable<readonly Offer[]>, place: Place) {
  const found: Offer[] = [];
  const seen = new Set<string>();
  let likely = 0;
  for (const whole of groups) {
    if (likely >= MANY) return { found, isWhole: false };
    // A verdict to return is a constant as well: what is said first says more.
    const group = whole.filter(({ label }) => !seen.has(label));
    for (const { label } of group) seen.add(label);
    found.push(...group);
    if (place.kind === "code")
      likely += group.filter((one) => one.label.startsWith(place.prefix) && !isBarred(one)).length;
  }
  return { found, isWhole: true };
}

/**
 * Of too many those that begin as what was typed, before those that have its letters somewhere. Of both what cannot stand here
 * is left out first: who wants to know why not types more of its name.
 */
function mostLikely(found: readonly Offer[], place: Place): Offer[] {
  if (found.length <= MANY || place.kind !== "code") return found.slice(0, MANY);
  const begins = ({ label }: Offer): boolean => label.startsWith(place.prefix);
  const likely = firstOf(found.filter(begins), MANY);
  if (likely.length === MANY) return likely;
  const others = found.filter((one) => !begins(one));
  return [...likely, ...firstOf(others, MANY - likely.length)];
}

/** Sorts no more than has a chance: by their ranks most of them have none. */
function firstOf(list: readonly Offer[], count: number): Offer[] {
  const byRank = new Map<string, Offer[]>();
  for (const one of list) {
    const rank = one.sortText.charAt(0);
    const same = byRank.get(rank);
    if (same === undefined) byRank.set(rank, [one]);
    else same.push(one);
  }
  const found: Offer[] = [];
  for (const rank of [...byRank.keys()].sort()) {
    if (found.length < count) found.push(...(byRank.get(rank) ?? []).sort(order));
  }
  return found.slice(0, count);
}

function isBarred({ sortText }: Offer): boolean {
  return sortText.startsWith(`${RANK.barred}`) || sortText.startsWith(`${RANK.barredRare}`);
}

/** `<` begins a header's name, and compares everywhere else. */
function isAskedBy(typed: string | undefined, place: Place): boolean {
  return typed !== "<" || place.kind === "include";
}

function order({ sortText: a }: Offer, { sortText: b }: Offer): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isFirstStage(place: Place): boolean {
  if (place.kind === "code") return place.prefix === "";
  return place.kind === "section" && place.content.end === place.content.start;
}

/** What matters most first: a list that is too long loses its end. */
function offersAt(asked: Asked, place: Place, typed: string | undefined): Iterable<readonly Offer[]> {
  switch (place.kind) {
    case "section":
      return [offers(sectionItems(asked, place))];
    case "licence":
      return [offers(licenceItems(asked, place))];
    case "include":
      return [offers(includeItems(asked, place))];
    case "member":
      return [offers(fieldItems(asked, place))];
    case "code":
      return codeOffers(asked, place, typed);
  }
}

/** Places that want something in particular get that alone. */
function* codeOffers(asked: Asked, place: CodePlace, typed: string | undefined): Iterable<readonly Offer[]> {
  const particular = mapDefinitionItems(asked, place) ?? mapItems(asked, place) ?? flagItems(asked, place);
  if (particular !== undefined && particular.length > 0) {
    yield offers(particular);
    return;
  }
  // A bracket or comma asks for what belongs there, not for everything there is.
  if (place.prefix === "" && typed !== undefined) return;
  if (!place.inBody) {
    yield* outsideOffers(asked, place);
    return;
  }
  yield offers(returnItems(asked, place));
  const { prefix } = place;
  yield groupOf(asked, "helpers", prefix, () => helperOffers(asked, place));
  yield groupOf(asked, "macros", prefix, () => macroOffers(asked, place));
  yield groupOf(asked, "kfuncs", prefix, () => kfuncOffers(asked, place));
  yield groupOf(asked, "constants", prefix, () => constantOffers(asked, place));
}

/** Outside of functions nothing can be called. */
function* outsideOffers(asked: Asked, place: CodePlace): Iterable<readonly Offer[]> {
  if (place.startsLine && place.openings.length === 0) yield offers(skeletonItems(asked, place));
  yield offers(functionNameItems(asked, place));
  yield macroOffers(asked, place);
  yield constantOffers(asked, place);
}

const BPF_NAME = /\.bpf\.[ch]$/;
const BPF_TEXT =
  /\bSEC[ \t]*\([ \t]*"|^[ \t]*#[ \t]*include[ \t]*[<"](?:[^>"\n]*\/)?(?:bpf_(?:helpers|tracing|core_read)|vmlinux)\.h[>"]/m;

/** Some editors send every C file. */
function isBpf({ uri, text }: Snapshot): boolean {
  return BPF_NAME.test(uri) || BPF_TEXT.test(text);
}

/** The file that an item was offered for; empty for an item without details. */
export function originOf({ data }: CompletionItem): string {
  return (data as ItemData | undefined)?.uri ?? "";
}

/** The card of what an item names. */
export function resolveCompletion(file: Snapshot, kb: KnowledgeBase, item: CompletionItem, view: View): CompletionItem {
  const data = item.data as ItemData | undefined;
  if (data === undefined) return item;
  const name = data.name ?? item.label;
  const card = cardFor(name, data, kb, { ...view, programs: programsAt(file.model, kb, data.at, view.loader) });
  const detail = item.detail ?? callableDetail(name, kb);
  return {
    ...item,
    ...(detail !== undefined && { detail }),
    ...(card !== undefined && { documentation: { kind: "markdown", value: renderCard(card) } }),
  };
}

function cardFor(name: string, { section, context }: ItemData, kb: KnowledgeBase, view: View): Card | undefined {
  if (section === true) return sectionCard(name, kb, view);
  const struct = context === undefined ? undefined : kb.context(context);
  const field = struct?.fields.find((one) => one.name === name);
  return struct && field ? describeField(struct, field, view) : cardOf(name, kb, view);
}
