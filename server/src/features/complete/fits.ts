/** Which names fit what was typed so far. */

import { remembered, rememberedOf } from "../../analysis/remember.ts";

/** Whether editors would show a name for what was typed: its letters in order, from the beginning of one of its words. */
export function fits(name: string, prefix: string): boolean {
  return name.startsWith(prefix) || hasLetters(name, prefix.toLowerCase());
}

function hasLetters(name: string, wanted: string): boolean {
  const letters = name.toLowerCase();
  if (letters.startsWith(wanted)) return true;
  const first = wanted.charAt(0);
  for (let i = letters.indexOf(first); i !== -1; i = letters.indexOf(first, i + 1)) {
    if (beginsWord(letters, i) && hasInOrder(letters, i, wanted)) return true;
  }
  return false;
}

function beginsWord(name: string, i: number): boolean {
  return i === 0 || BETWEEN_WORDS.includes(name.charAt(i - 1));
}

const BETWEEN_WORDS = "_./ ";

/** Each is looked for where it comes first: to try other places too could take forever. */
function hasInOrder(name: string, from: number, letters: string): boolean {
  let at = from;
  for (let i = 0; i < letters.length; i++) {
    at = name.indexOf(letters.charAt(i), at) + 1;
    if (at === 0) return false;
  }
  return true;
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
