/** Completion of flags where a helper wants some: those that it takes in the programs that make the call. */

import type { CompletionItem } from "vscode-languageserver-types";
import { flagSets } from "../../analysis/knowledge/helper-flags.ts";
import { fits } from "./fits.ts";
import { type Asked, KIND, RANK, ranked } from "./item.ts";
import { constantItem, enumeratorItem } from "./names.ts";
import { type CodePlace, callAround } from "./place.ts";

/** @returns undefined where no flags are asked for */
export function flagItems(asked: Asked, place: CodePlace): CompletionItem[] | undefined {
  const call = callAround(place);
  const helper = call === undefined ? undefined : asked.kb.helper(call.name);
  if (call === undefined || helper === undefined || asked.file.model.redefines(call.name)) return undefined;
  const isFirst = place.before === "(" || place.before === ",";
  if (helper.params[call.argument]?.name !== "flags" || !(isFirst || place.before === "|")) return undefined;
  const sets = flagSets(helper, asked.programs);
  const isBits = sets.some(({ oneOf }) => oneOf !== true);
  if (sets.length === 0 || !(isFirst || isBits)) return undefined;
  const names = new Set(sets.flatMap(({ takes }) => takes));
  // A flag that is 0 says the same in a word.
  const zero = isFirst && isBits && !names.has("BPF_ANY") ? [none(names.size === 0)] : [];
  return [...zero, ...[...names].flatMap((name) => flagItem(name, asked))].filter(({ label }) =>
    fits(label, place.prefix),
  );
}

function none(isAll: boolean): CompletionItem {
  const detail = isAll ? "it takes no flags" : "no flags";
  return ranked({ label: "0", kind: KIND.value, detail, sortText: "" }, RANK.best);
}

function flagItem(name: string, asked: Asked): readonly CompletionItem[] {
  const flag = asked.kb.enumerator("flag", name);
  if (flag !== undefined) return [enumeratorItem(asked, "flag", flag, RANK.best)];
  const constant = asked.kb.constant(name);
  return constant === undefined ? [] : [constantItem(asked, constant, RANK.best)];
}
