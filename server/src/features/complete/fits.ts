/** Which names fit what was typed so far. */

import { remembered, rememberedOf } from "../../analysis/remember.ts";

/** Whether editors would show a name for what was typed: its letters in order, from the beginning of one of its words. */
export function fits(name: string, prefix: string): boolean {
  return prefix === "" || lettersOf(prefix).test(name);
}

interface Named {
  readonly name: string;
}

interface Fitting {
  readonly prefix: string;
  readonly found: readonly Named[];
}

const lastFitting = new WeakMap<readonly Named[], Fitting>();

/** Those of a list of facts whose names fit. What does not fit a prefix fits nothing that goes on from there. */
export function fitting<T extends Named>(list: readonly T[], prefix: string): readonly T[] {
  if (prefix === "") return list;
  const last = lastFitting.get(list);
  if (last?.prefix === prefix) return last.found as readonly T[];
  const fromLast = last !== undefined && prefix.startsWith(last.prefix);
  const likely = fromLast ? last.found : fittingLetters(list)(prefix.slice(0, 1));
  const found = prefix.length === 1 ? likely : likely.filter(({ name }) => fits(name, prefix));
  lastFitting.set(list, { prefix, found });
  return found as readonly T[];
}

/** Of thousands of names: each word that is typed begins with a letter, and most of them with the same few. */
const fittingLetters = rememberedOf((list: readonly Named[]) =>
  remembered((letter: string) => list.filter(({ name }) => fits(name, letter))),
);

/** One prefix is asked of thousands of names. */
const lettersOf = remembered((prefix: string): RegExp => {
  const letters = [...prefix].map((letter) => letter.replace(/[^\w]/, "\\$&"));
  // Each is looked for where it comes first: an expression that tried the others too could take forever.
  const [first = "", ...others] = letters;
  return new RegExp(`(?:^|[_./\\s])${first}${others.map((letter) => `[^${letter}]*${letter}`).join("")}`, "i");
});
