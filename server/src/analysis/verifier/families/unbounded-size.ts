/** A size of which nothing says how large it may be. */

import type { Family } from "../family.ts";
import { named, rangeBefore } from "../registers.ts";
import { testedHalf } from "../tested-half.ts";
import { HALF_ADVICE, halfMeaning } from "../tested-half-words.ts";

export const unboundedSize: Family = {
  id: "unbounded-size",
  title: "Size has no upper bound",
  class: "source",
  by: "verifier",
  said: [
    /^(R\d+) unbounded (?:memory access|size), use 'var &= const' or 'if \(var < const\)'/,
    /^(R\d+|\*\(R11-\d+\)) memory size (\d+) is too large/,
  ],
  meaning: (found) => {
    const [, register = "", size] = found.match;
    if (size !== undefined)
      return `${named(found, register)} may be ${size}, which is more than any memory has that may be passed.`;
    const half = testedHalf(found, register);
    if (half !== undefined) return halfMeaning(found, register, half);
    const range = rangeBefore(found, register);
    const known = range === undefined ? "" : ` On this path it is ${range}.`;
    return `${named(found, register)} is a size of which nothing on this path says how large it may be.${known}`;
  },
  advice: (found) =>
    testedHalf(found, found.match[1] ?? "") !== undefined
      ? HALF_ADVICE
      : "Test the very variable that is passed, just before the call: if (len > sizeof(buf)) len = sizeof(buf), or with a power of two len &= sizeof(buf) - 1. It must be unsigned.",
  classify: (found) => (testedHalf(found, found.match[1] ?? "") === undefined ? "source" : "lowering"),
  rules: ["unbounded-size"],
  examples: [
    { text: "R2 unbounded memory access, use 'var &= const' or 'if (var < const)'", from: "4.18 to 7.2" },
    { text: "R2 unbounded size, use 'var &= const' or 'if (var < const)'", from: "5.8 to 5.11" },
    { text: "R4 memory size 4294967295 is too large", from: "7.2" },
  ],
};
