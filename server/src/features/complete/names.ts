/** Completion of names that stand for something known: libbpf's macros, the kernel's enumerators, flags and constants. */

import type { CompletionItem } from "vscode-languageserver-types";
import type { EnumKind, KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import type { EnumFact, FlagFact, MacroFact } from "../../analysis/knowledge/types.ts";
import { rememberedOf } from "../../analysis/remember.ts";
import { sinceText } from "../card.ts";
import { ENUM_WORDS } from "../describe/enumerator.ts";
import { callItem } from "./callables.ts";
import { fitting } from "./fits.ts";
import {
  AGAIN,
  type Asked,
  DEPRECATED,
  dataOf,
  KIND,
  lackedBy,
  type Offer,
  offer,
  RANK,
  ranked,
  SNIPPET,
} from "./item.ts";
import type { CodePlace } from "./place.ts";

export function macroOffers(asked: Asked, place: CodePlace): readonly Offer[] {
  const { kb, file } = asked;
  return fitting(kb.facts.macros, place.prefix)
    .filter(({ name }) => !file.model.redefines(name))
    .map((macro) =>
      offer(macro.name, RANK.good, undefined, (now) => ({
        ...macroItem(now, macro),
        detail: `<bpf/${macro.header}>`,
      })),
    );
}

function macroItem(asked: Asked, { name, params }: MacroFact): CompletionItem {
  if (name === "SEC" && !asked.isCalled) {
    const data = dataOf(name, asked);
    return {
      label: name,
      kind: KIND.function,
      data,
      insertText: 'SEC("$0")',
      insertTextFormat: SNIPPET,
      command: AGAIN,
    };
  }
  if (params === undefined) return { label: name, kind: KIND.constant, data: dataOf(name, asked) };
  const names = params.filter((param) => !param.includes("...")).map((param) => /(\w+)\W*$/.exec(param)?.[1] ?? param);
  return callItem(asked, name, names);
}

/** Thousands of names: they wait until something is typed. */
export function constantOffers(asked: Asked, place: CodePlace): readonly Offer[] {
  if (place.prefix === "") return [];
  const { facts } = asked.kb;
  const enums: readonly (readonly [EnumKind, readonly (EnumFact | FlagFact)[]])[] = [
    ["map-type", facts.mapTypes],
    ["flag", facts.flags],
    ["program-type", facts.programTypes],
    ["attach-type", facts.attachTypes],
    ["link-type", facts.linkTypes],
    ["command", facts.commands],
  ];
  const named = enums.flatMap(([kind, list]) =>
    fitting<EnumFact | FlagFact>(list, place.prefix).map((fact) => enumeratorOffer(asked, kind, fact)),
  );
  const known = new Set(named.map(({ label }) => label));
  const others = fitting(constantsOf(asked.kb), place.prefix).filter(({ name }) => !known.has(name));
  return [...named, ...others.map((fact) => offer(fact.name, RANK.rare, undefined, (now) => constantItem(now, fact)))];
}

export function enumeratorItem(asked: Asked, kind: EnumKind, fact: EnumFact | FlagFact, rank?: number): CompletionItem {
  return enumeratorOffer(asked, kind, fact, rank).item(asked);
}

function enumeratorOffer(asked: Asked, kind: EnumKind, fact: EnumFact | FlagFact, rank?: number): Offer {
  const { name } = fact;
  const isOld = ("deprecated" in fact && fact.deprecated === true) || ("aliasOf" in fact && fact.aliasOf !== undefined);
  const place = isOld ? RANK.rare : (rank ?? RANK.more);
  const why = lackedBy([{ kind, name }], asked.kb, asked.view);
  return offer(name, place, why, (now) => plainEnumerator(now, kind, fact, isOld));
}

function plainEnumerator(asked: Asked, kind: EnumKind, fact: EnumFact | FlagFact, isOld: boolean): CompletionItem {
  const { name, since } = fact;
  const parts = [ENUM_WORDS[kind], sinceText(since === undefined ? {} : { since }), isOld && "deprecated"];
  return {
    label: name,
    kind: kind === "flag" ? KIND.constant : KIND.enumMember,
    detail: parts.filter(Boolean).join(" · "),
    data: dataOf(name, asked),
    ...(isOld && { tags: [DEPRECATED] }),
  };
}

interface Constant {
  readonly name: string;
  readonly value: string;
  readonly header: string;
  readonly internal?: true;
  readonly inBtf?: true;
}

/** A knowledge base may be too old to have them. One whose header no program can include is there only in BTF. */
const constantsOf = rememberedOf((kb: KnowledgeBase): readonly Constant[] => {
  const { constants = [] } = kb.facts as { readonly constants?: readonly Constant[] };
  return constants.filter(({ internal, inBtf }) => internal !== true || inBtf === true);
});

export function constantItem(
  asked: Asked,
  { name, value, header, internal }: Constant,
  rank: number = RANK.rare,
): CompletionItem {
  const from = internal === true ? "vmlinux.h" : `<${header}>`;
  return ranked({ label: name, kind: KIND.constant, detail: `${value} · ${from}`, data: dataOf(name, asked) }, rank);
}
