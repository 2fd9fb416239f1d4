// @ts-check
/** Which values a program may return: loads programs that return the limits we give and their neighbours. */

import { entryFor } from "./support/base.mjs";
import { exit, set } from "./support/insns.mjs";
import { runningRelease, whyNotHere, withKernel } from "./support/kernel.mjs";
import { loadable } from "./support/loading.mjs";

/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").ReturnRange} ReturnRange */
/** @typedef {import("./support/base.mjs").Outcome} Outcome */
/** @typedef {{ name: string, label: string, value: number, accepted: boolean | undefined }} Returned */

/** Where the verifier does not look at the value, any of these must do. */
const ANY = [-2147483648, -1, 0, 1, 2, 3, 4, 77, 2147483647];

/** @param {readonly ReturnRange[]} ranges @param {string} label @param {string} release @returns {readonly number[]} */
export function valuesFor(ranges, label, release) {
  const range = entryFor(ranges, label, release);
  if (range === "no opinion") return [];
  return range === undefined ? ANY : [...new Set([range.low - 1, range.low, range.high, range.high + 1])];
}

/** @param {readonly Returned[]} returned @param {(label: string) => readonly ReturnRange[]} rangesOf @param {string} release @returns {Outcome} */
export function compare(returned, rangesOf, release) {
  const disagreements = returned.flatMap(({ name, label, value, accepted }) => {
    const range = entryFor(rangesOf(label), label, release);
    if (range === "no opinion") return [];
    const ours = range === undefined || (value >= range.low && value <= range.high);
    if (ours === accepted) return [];
    const theirs = accepted === undefined ? "refuses it for another reason" : accepted ? "takes it" : "refuses it";
    return [`${name} returns ${value}: we say ${ours ? "yes" : "no"}, the kernel ${theirs}`];
  });
  return { compared: returned.length, disagreements };
}

/** @param {{ errno: number, log: string }} answer */
export function acceptedIn({ errno, log }) {
  if (errno === 0) return true;
  return /At program exit the register R0|has (?:smin=|smax=|value |unknown scalar)|should have been in/.test(log)
    ? false
    : undefined;
}

/** @param {import("./support/base.mjs").Base} base @returns {Outcome} */
export function run(base) {
  const reason = whyNotHere();
  if (reason) return { compared: 0, disagreements: [], cannot: [reason] };
  const release = runningRelease();
  /** @type {Map<string, readonly ReturnRange[]>} */
  const ranges = new Map(base("program-types").map(({ name, returns = [] }) => [name, returns]));
  const rangesOf = (/** @type {string} */ label) => ranges.get(`BPF_PROG_TYPE_${label.split("/")[0]}`) ?? [];
  return withKernel((ask) => {
    const { loadable: kinds, leftOut } = loadable(base, ask);
    const asked = kinds.flatMap(({ program: { name, label }, question }) =>
      valuesFor(rangesOf(label), label, release).map((value) => ({
        name,
        label,
        value,
        question: question({ insns: set(0, value) + exit }),
      })),
    );
    const answers = ask(asked.map(({ question }) => question)).map(acceptedIn);
    const returned = asked.map(({ question: _, ...rest }, index) => ({ ...rest, accepted: answers[index] }));
    return { ...compare(returned, rangesOf, release), leftOut };
  });
}
