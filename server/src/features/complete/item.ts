/** What all completion items share: kinds, order, snippets. */

import type { CompletionItem, CompletionItemKind, InsertTextFormat } from "vscode-languageserver-types";
import type { KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import { type Feature, type ProgramKind, supports } from "../../analysis/knowledge/supports.ts";
import type { BpfFunction } from "../../analysis/model.ts";
import type { Snapshot } from "../../analysis/snapshot.ts";
import type { Position, Span, TextEdit } from "../../analysis/text.ts";
import type { View } from "../card.ts";

// The numbers of CompletionItemKind and its kin: their own objects would be the only code needed at run time.
export const KIND = {
  function: 3,
  field: 5,
  variable: 6,
  module: 9,
  property: 10,
  value: 12,
  snippet: 15,
  file: 17,
  enumMember: 20,
  constant: 21,
  struct: 22,
  event: 23,
} as const satisfies Record<string, CompletionItemKind>;

export const SNIPPET: InsertTextFormat = 2;
export const DEPRECATED = 1;

// Nobody reads the titles of these, and each of a hundred items carries one.
/** Asks for suggestions once more: behind `fentry/` comes its target. */
export const AGAIN = { title: "", command: "editor.action.triggerSuggest" };

export const SHOW_PARAMETERS = { title: "", command: "editor.action.triggerParameterHints" };

/** Places in the list. What does not work here comes last, whatever it is. */
export const RANK = { best: 1, good: 2, usual: 3, more: 4, rare: 5, barred: 8, barredRare: 9 } as const;

export interface Asked {
  readonly file: Snapshot;
  readonly kb: KnowledgeBase;
  readonly view: View;
  readonly position: Position;
  /** The function around the cursor. */
  readonly fn: BpfFunction | undefined;
  /** The programs that run the code at the cursor, as far as the file tells. */
  readonly programs: readonly ProgramKind[];
  /** False where one of them certainly may not sleep; asked only where that makes a difference. */
  readonly sleeps: () => boolean | undefined;
  readonly client: ListClient;
  /** A parenthesis follows. */
  readonly isCalled: boolean;
  /** What was made for the key before; undefined where nothing can be the same. */
  readonly kept: Kept | undefined;
}

/** Holds as long as the settings and the circumstances are the same. */
export interface Kept {
  /** By label, with what was said against each. */
  readonly items: Map<string, { readonly why: string | undefined; readonly item: CompletionItem }>;
  names?: Names;
}

/** What was found for what was typed, as it is shown, and of how many groups. */
export interface Names {
  readonly prefix: string;
  readonly found: readonly Offer[];
  readonly groups: number;
}

/** What a client can do that makes lists short: each key sends a hundred items. */
export interface ListClient {
  /** It asks for an item's detail when somebody looks at the item. */
  readonly asksDetail?: boolean;
  /** It takes what all items of a list have in common from the list. */
  readonly sharesData?: boolean;
}

/** What a client sends back when it wants to show more about an item. */
export interface ItemData {
  /** Without it the label is the name. */
  readonly name?: string;
  readonly uri: string;
  readonly at: Position;
  /** The structure whose field it is. */
  readonly context?: string;
  /** The name is what stands in `SEC()`. */
  readonly section?: true;
}

export function dataOf(name: string, { file, position }: Asked, context?: string): ItemData {
  return { name, uri: file.uri, at: position, ...(context !== undefined && { context }) };
}

/** `why` says what is wrong with it here. It is shown, and the item goes to the end. */
export function ranked(item: CompletionItem, rank: number, why?: string): CompletionItem {
  return {
    ...item,
    sortText: sortTextOf(item.sortText ?? item.label, rank, why),
    ...(why !== undefined && { detail: why, labelDetails: { description: why } }),
  };
}

/** An item that is made when it is among those that are shown, for who asks then. */
export interface Offer {
  readonly label: string;
  readonly sortText: string;
  readonly item: (asked: Asked) => CompletionItem;
}

/** As `ranked`, made once as long as nothing else is said of it. */
export function offer(
  label: string,
  rank: number,
  why: string | undefined,
  make: (asked: Asked) => CompletionItem,
): Offer {
  const sortText = sortTextOf(label, rank, why);
  return {
    label,
    sortText,
    item: (asked) => {
      const items = asked.kept?.items;
      const before = items?.get(label);
      if (before !== undefined && before.why === why && before.item.sortText === sortText) return before.item;
      const item = ranked(make(asked), rank, why);
      // What else it edits moves with each key.
      if (items === undefined || item.additionalTextEdits !== undefined) return item;
      const short = withoutShared(item);
      items.set(label, { why, item: short });
      return short;
    },
  };
}

/** An item's data, where the list says the same and the name is the label. */
export function withoutShared(item: CompletionItem): CompletionItem {
  if (item.data === undefined) return item;
  const { data, ...rest } = item;
  const { name, context, section } = (data ?? {}) as ItemData;
  return name === item.label && context === undefined && section === undefined ? rest : item;
}

interface LastKept {
  readonly circumstances: string;
  readonly outside: object;
  readonly kept: Kept;
}

const lastKept = new WeakMap<View, LastKept>();

/**
 * With each key a hundred items are offered again. They are as they were while the settings, these circumstances and all that
 * stands outside of functions are. Without shared data each says where it was asked for, and none is the same again.
 */
export function keptFor(
  { client, view, file }: Pick<Asked, "client" | "view" | "file">,
  circumstances: string,
): Kept | undefined {
  if (client.sharesData !== true) return undefined;
  const { outside } = file.model.marks;
  const before = lastKept.get(view);
  if (before?.circumstances === circumstances && before.outside === outside) return before.kept;
  const kept: Kept = { items: new Map() };
  lastKept.set(view, { circumstances, outside, kept });
  return kept;
}

function sortTextOf(text: string, rank: number, why: string | undefined): string {
  return `${why === undefined ? rank : rank >= RANK.rare ? RANK.barredRare : RANK.barred}${text}`;
}

export function order({ sortText: a }: Offer, { sortText: b }: Offer): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** It cannot stand here, and says why. */
export function isBarred({ sortText }: Offer): boolean {
  return sortText.startsWith(`${RANK.barred}`) || sortText.startsWith(`${RANK.barredRare}`);
}

export function offers(items: readonly CompletionItem[]): readonly Offer[] {
  return items.map((item) => ({ label: item.label, sortText: item.sortText ?? "", item: () => item }));
}

/** Text as it must stand in a snippet to mean itself. */
export function plain(text: string): string {
  return text.replace(/[\\$}]/g, "\\$&");
}

export function replacing({ lines }: Snapshot, span: Span, newText: string): TextEdit {
  return { range: lines.rangeOf(span), newText };
}

/** Which of the targets certainly lack one of the features, and why. */
export function lackedBy(
  features: readonly Feature[],
  kb: KnowledgeBase,
  { targets, loader }: View,
): string | undefined {
  const lacking = targets.flatMap((target) => {
    const verdict = features.map((one) => supports(target, one, kb, loader)).find(({ answer }) => answer === "no");
    return verdict === undefined ? [] : [{ label: target.label, reason: verdict.reason }];
  });
  const [first] = lacking;
  return first && `not on ${lacking.map(({ label }) => label).join(", ")}: ${first.reason}`;
}

export function typeWord(name: string): string {
  return name.replace("BPF_PROG_TYPE_", "").replace("BPF_MAP_TYPE_", "");
}
