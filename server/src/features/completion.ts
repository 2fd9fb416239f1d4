/** Feature: completion. What may stand at the cursor, by the place it is in; details when an item is looked at. */

import type { CompletionItem, CompletionList } from "vscode-languageserver-types";
import type { KnowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import { functionAt, programsAt, programsOf } from "../analysis/knowledge/programs.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import type { Position } from "../analysis/text.ts";
import { type Card, renderCard, type View } from "./card.ts";
import { helperItems, kfuncItems } from "./complete/callables.ts";
import { fieldItems } from "./complete/context-fields.ts";
import { flagItems } from "./complete/flag-argument.ts";
import { includeItems } from "./complete/includes.ts";
import type { Asked, ItemData } from "./complete/item.ts";
import { licenceItems } from "./complete/licence.ts";
import { mapItems } from "./complete/map-argument.ts";
import { mapDefinitionItems } from "./complete/map-definition.ts";
import { constantItems, macroItems } from "./complete/names.ts";
import { type CodePlace, type Place, placeAt } from "./complete/place.ts";
import { returnItems } from "./complete/returns.ts";
import { functionNameItems, sectionItems } from "./complete/section.ts";
import { sectionCard } from "./complete/section-card.ts";
import { skeletonItems } from "./complete/skeleton-items.ts";
import { sleepsIn } from "./complete/standing.ts";
import { describeField } from "./describe/context-field.ts";
import { cardOf } from "./hover.ts";

/** Longer lists nobody reads: what was typed since narrows them down. */
const MANY = 400;

/** @param typed the character that made the editor ask, where it did so by itself */
export function completion(
  file: Snapshot,
  kb: KnowledgeBase,
  position: Position,
  view: View,
  typed?: string,
): CompletionList | null {
  const place = isBpf(file) ? placeAt(file, position) : undefined;
  if (place === undefined || !isAskedBy(typed, place)) return null;
  const fn = functionAt(file.model, position);
  const programs = fn === undefined ? [] : programsOf(fn, file.model, kb, view.loader);
  const asked: Asked = { file, kb, view, position, fn, programs, sleeps: sleepsIn(fn, file.model, kb, view.loader) };
  const items = itemsAt(asked, place, typed);
  const shown = mostLikely(items, place).sort(order);
  // What is left out now may be wanted when more is typed.
  return { isIncomplete: items.length > MANY || isFirstStage(place), items: shown };
}

/** Of too many those that begin as what was typed, before those that have its letters somewhere. */
function mostLikely(items: readonly CompletionItem[], place: Place): CompletionItem[] {
  if (items.length <= MANY || place.kind !== "code") return items.slice(0, MANY);
  const begins = ({ label }: CompletionItem): boolean => label.startsWith(place.prefix);
  return [...items.filter(begins), ...items.filter((item) => !begins(item))].slice(0, MANY);
}

/** `<` begins a header's name, and compares everywhere else. */
function isAskedBy(typed: string | undefined, place: Place): boolean {
  return typed !== "<" || place.kind === "include";
}

function order({ sortText: a = "" }: CompletionItem, { sortText: b = "" }: CompletionItem): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isFirstStage(place: Place): boolean {
  if (place.kind === "code") return place.prefix === "";
  return place.kind === "section" && place.content.end === place.content.start;
}

/** What matters most first: a list that is too long loses its end. */
function itemsAt(asked: Asked, place: Place, typed: string | undefined): readonly CompletionItem[] {
  switch (place.kind) {
    case "section":
      return sectionItems(asked, place);
    case "licence":
      return licenceItems(asked, place);
    case "include":
      return includeItems(asked, place);
    case "member":
      return fieldItems(asked, place);
    case "code":
      return codeItems(asked, place, typed);
  }
}

/** Places that want something in particular get that alone. */
function codeItems(asked: Asked, place: CodePlace, typed: string | undefined): readonly CompletionItem[] {
  const particular = mapDefinitionItems(asked, place) ?? mapItems(asked, place) ?? flagItems(asked, place);
  if (particular !== undefined && particular.length > 0) return particular;
  // A bracket or comma asks for what belongs there, not for everything there is.
  if (place.prefix === "" && typed !== undefined) return [];
  if (!place.inBody) return outsideItems(asked, place);
  return [
    ...returnItems(asked, place),
    ...helperItems(asked, place),
    ...macroItems(asked, place),
    ...[...kfuncItems(asked, place), ...constantItems(asked, place)].sort(order),
  ];
}

/** Outside of functions nothing can be called. */
function outsideItems(asked: Asked, place: CodePlace): readonly CompletionItem[] {
  const skeletons = place.startsLine && place.openings.length === 0 ? skeletonItems(asked, place) : [];
  return [
    ...skeletons,
    ...functionNameItems(asked, place),
    ...macroItems(asked, place),
    ...constantItems(asked, place),
  ];
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
  const card = cardFor(data, kb, { ...view, programs: programsAt(file.model, kb, data.at, view.loader) });
  return card === undefined ? item : { ...item, documentation: { kind: "markdown", value: renderCard(card) } };
}

function cardFor({ name, section, context }: ItemData, kb: KnowledgeBase, view: View): Card | undefined {
  if (section === true) return sectionCard(name, kb, view);
  const struct = context === undefined ? undefined : kb.context(context);
  const field = struct?.fields.find((one) => one.name === name);
  return struct && field ? describeField(struct, field, view) : cardOf(name, kb, view);
}
