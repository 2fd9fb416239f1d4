/** What the editor says about a macro, or an inline function, of libbpf's headers. */

import type { KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import type { Feature } from "../../analysis/knowledge/supports.ts";
import type { MacroFact, MacroNeed } from "../../analysis/knowledge/types.ts";
import { type Card, type CardFact, type View, verdictsOn } from "../card.ts";
import { inTheseWords } from "./allowed.ts";
import { codeFact, expansionOf } from "./expansion.ts";
import type { MacroUse } from "./macro-use.ts";
import type { Expansion } from "./sketch.ts";

type Called = Pick<Feature, "kind" | "name">;

/** `use` is the call at the cursor: what the macro becomes is then said in its words. */
export function describeMacro(macro: MacroFact, kb: KnowledgeBase, view: View, use?: MacroUse): Card {
  const { name, header, params, libbpf, note, expands, needs = [] } = macro;
  const expansion = use && expansionOf(use, kb);
  const code = expansion?.code ?? [];
  return {
    verdicts: usedVerdicts(calledBy(macro, expansion, kb), kb, view),
    declaration: `#include <bpf/${header}>\n${name}${params === undefined ? "" : `(${params.join(", ")})`}`,
    what: [
      "libbpf",
      libbpf === undefined ? "in no release yet" : `since libbpf ${libbpf === "0.1" ? "0.1 or older" : libbpf}`,
    ],
    note,
    here: [code.length > 0 && codeFact("Here it becomes", code), ...(expansion?.facts ?? [])],
    facts: [
      expands !== undefined &&
        code.length === 0 &&
        view.besideC === undefined && { label: "Becomes", text: `\`${expands}\`` },
      needsFact(
        expansion?.calls === undefined ? needs : needs.filter(({ kind }) => kind === "btf" || kind === "kernel"),
      ),
    ],
    links: ["[docs.ebpf.io](https://docs.ebpf.io/ebpf-library/libbpf/ebpf/)"],
  };
}

/** The helpers and kfuncs that a macro comes down to in any case, and those of this very call. */
export function calledBy(
  { needs = [] }: MacroFact,
  expansion: Expansion | undefined,
  kb: KnowledgeBase,
): readonly Called[] {
  const always = needs.filter(({ when }) => when === undefined).flatMap((need) => calledFor(need, kb));
  const names = new Set<string>();
  return [...(expansion?.calls ?? []), ...always].filter(({ name }) => !names.has(name) && names.add(name));
}

/** Of what a macro needs the helper or kfunc; nothing for types and abilities of the kernel. */
export function calledFor({ kind, name }: MacroNeed, kb: KnowledgeBase): readonly Called[] {
  if (kind === "helper" && kb.helper(name) !== undefined) return [{ kind, name }];
  return kind === "kfunc" && kb.kfunc(name) !== undefined ? [{ kind, name }] : [];
}

/** What several of them share is said once. */
function usedVerdicts(called: readonly Called[], kb: KnowledgeBase, view: View): readonly string[] {
  const users = new Map<string, string[]>();
  for (const { kind, name } of called)
    for (const verdict of verdictsOn(inTheseWords(kind, name, view), kb, view))
      users.set(verdict, [...(users.get(verdict) ?? []), `\`${name}\``]);
  return [...users].map(([verdict, names]) => `${verdict} (it uses ${names.join(", ")})`);
}

function needsFact(needs: readonly MacroNeed[]): CardFact | false {
  const texts = needs.map(({ kind, name, since, when }) => {
    const condition = when === undefined ? "" : ` where ${when}`;
    return `${kind} \`${name}\`${since === undefined ? "" : ` (${since})`}${condition}`;
  });
  return texts.length > 0 && { label: "Needs", text: texts.join("; ") };
}
