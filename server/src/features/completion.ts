/** Feature: completion. What may stand at the cursor, by the place it is in; details when an item is looked at. */

import type { CompletionItem, CompletionList } from "vscode-languageserver-types";
import type { KnowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import { functionAt, programsAt, programsOf } from "../analysis/knowledge/programs.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import type { Position } from "../analysis/text.ts";
import { type Card, renderCard, type View } from "./card.ts";
import { callableDetail, circumstancesOf } from "./complete/callables.ts";
import { fieldItems } from "./complete/context-fields.ts";
import { everyName } from "./complete/every-name.ts";
import { flagItems } from "./complete/flag-argument.ts";
import { includeItems } from "./complete/includes.ts";
import {
  type Asked,
  type ItemData,
  keptFor,
  type ListClient,
  type Offer,
  offers,
  order,
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
  const { found, isWhole } = gathered(asked, place, typed);
  const shown = mostLikely(found, place);
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
function isWantedBeside({ file, kb, view }: Asked, place: Place, typed: string | undefined): (one: Offer) => boolean {
  if (view.besideC === undefined || isOursAlone(view, typed)) return always;
  if (place.kind === "section" || place.kind === "licence") return always;
  if (place.kind === "include") return never;
  const isKnown = knownToC(file, kb, view.besideC);
  if (place.kind !== "member") return ({ label }) => !isKnown(label);
  const context = contextBefore(file, kb, file.lines.positionAt(place.word.start));
  return context === undefined || !isKnown(context.name) ? always : never;
}

const always = (): boolean => true;
const never = (): boolean => false;

interface Gathered {
  /** What matters most first: a list that is too long loses its end. */
  readonly found: readonly Offer[];
  readonly isWhole: boolean;
}

function gathered(asked: Asked, place: Place, typed: string | undefined): Gathered {
  const isWanted = isWantedBeside(asked, place, typed);
  const all = (items: readonly CompletionItem[]): Gathered => ({
    found: offers(items).filter(isWanted),
    isWhole: true,
  });
  switch (place.kind) {
    case "section":
      return all(sectionItems(asked, place));
    case "licence":
      return all(licenceItems(asked, place));
    case "include":
      return all(includeItems(asked, place));
    case "member":
      return all(fieldItems(asked, place));
    case "code":
      return gatheredInCode(asked, place, typed, isWanted);
  }
}

function gatheredInCode(
  asked: Asked,
  place: CodePlace,
  typed: string | undefined,
  isWanted: (one: Offer) => boolean,
): Gathered {
  const all = (...groups: (readonly Offer[])[]): Gathered => ({
    found: together(groups, isWanted).sort(order),
    isWhole: true,
  });
  // Places that want something in particular get that alone.
  const particular = mapDefinitionItems(asked, place) ?? mapItems(asked, place) ?? flagItems(asked, place);
  if (particular !== undefined && particular.length > 0) return all(offers(particular));
  // A bracket or comma asks for what belongs there, not for everything there is.
  if (place.prefix === "" && typed !== undefined) return all();
  if (!place.inBody) return all(...outsideOffers(asked, place));
  const names = everyName(asked, place, isWanted, MANY);
  const verdicts = offers(returnItems(asked, place));
  return verdicts.length === 0 ? names : { ...names, found: all(verdicts, names.found).found };
}

/** A verdict to return is a constant as well: what is said first says more. */
function together(groups: readonly (readonly Offer[])[], isWanted: (one: Offer) => boolean): Offer[] {
  const found: Offer[] = [];
  const seen = new Set<string>();
  for (const whole of groups) {
    const group = whole.filter((one) => !seen.has(one.label) && isWanted(one));
    for (const { label } of group) seen.add(label);
    found.push(...group);
  }
  return found;
}

/**
 * Of too many those that begin as what was typed, before those that have its letters somewhere. Of both what cannot stand here
 * is left out first: who wants to know why not types more of its name.
 */
function mostLikely(found: readonly Offer[], place: Place): readonly Offer[] {
  if (found.length <= MANY || place.kind !== "code") return found.slice(0, MANY).sort(order);
  const begins = ({ label }: Offer): boolean => label.startsWith(place.prefix);
  const likely = found.filter(begins).slice(0, MANY);
  if (likely.length === MANY) return likely;
  const others = found.filter((one) => !begins(one)).slice(0, MANY - likely.length);
  return [...likely, ...others].sort(order);
}

/** `<` begins a header's name, and compares everywhere else. */
function isAskedBy(typed: string | undefined, place: Place): boolean {
  return typed !== "<" || place.kind === "include";
}

function isFirstStage(place: Place): boolean {
  if (place.kind === "code") return place.prefix === "";
  return place.kind === "section" && place.content.end === place.content.start;
}

/** Outside of functions nothing can be called. */
function outsideOffers(asked: Asked, place: CodePlace): readonly (readonly Offer[])[] {
  const skeletons = place.startsLine && place.openings.length === 0 ? offers(skeletonItems(asked, place)) : [];
  return [skeletons, offers(functionNameItems(asked, place)), macroOffers(asked, place), constantOffers(asked, place)];
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
