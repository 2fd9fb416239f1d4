/** Which names fit what was typed so far. */

import { remembered, rememberedOf } from "../../analysis/remember.ts";

/** Whether editors would show a name for what was typed: its letters in order, from the beginning of one of its words. */
export function fits(name: string, prefix: string): boolean {
  return prefix === "" || lettersOf(prefix).test(name);
}

interface Fitting {
  readonly prefix: string;
  readonly found: readonly { readonly name: string }[];
}

const lastFitting = new WeakMap<object, Fitting>();

/** Those of a list of facts whose names fit. What does not fit a prefix fits nothing that goes on from there. */
export function fitting<T extends { readonly name: string }>(list: readonly T[], prefix: string): readonly T[] {
  if (prefix === "") return list;
  const last = lastFitting.get(list);
  if (last?.prefix === prefix) return last.found as readonly T[];
  const fromLast = last !== undefined && prefix.startsWith(last.prefix);
  const found = fromLast
    ? (last.found as readonly T[]).filter(({ name }) => fits(name, prefix))
    : scanned(list, prefix);
  lastFitting.set(list, { prefix, found });
  return found;
}

function scanned<T extends { readonly name: string }>(list: readonly T[], prefix: string): readonly T[] {
  const letters = lettersIn(prefix);
  const known = lettersOfAll(list);
  return list.filter(({ name }, n) => ((known[n] ?? 0) & letters) === letters && fits(name, prefix));
}

/** Of thousands of names most lack a letter that was typed: told by a bit each, and no expression need be tried. */
const lettersOfAll = rememberedOf((list: readonly { readonly name: string }[]) =>
  Int32Array.from(list, ({ name }) => lettersIn(name)),
);

/** A bit for each letter, whatever its case, and one for each digit and sign as far as bits go. */
function lettersIn(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits |= 1 << (text.charCodeAt(i) & 31);
  return bits;
}

/** One prefix is asked of thousands of names. */
const lettersOf = remembered((prefix: string): RegExp => {
  const letters = [...prefix].map((letter) => letter.replace(/[^\w]/, "\\$&"));
  // Each is looked for where it comes first: an expression that tried the others too could take forever.
  const [first = "", ...others] = letters;
  return new RegExp(`(?:^|[_./\\s])${first}${others.map((letter) => `[^${letter}]*${letter}`).join("")}`, "i");
});
