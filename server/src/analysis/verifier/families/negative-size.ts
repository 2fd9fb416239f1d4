/** A size that may be negative. */

import type { Family } from "../family.ts";
import { named, rangeBefore } from "../registers.ts";
import { testedHalf } from "../tested-half.ts";
import { HALF_ADVICE, halfMeaning } from "../tested-half-words.ts";

export const negativeSize: Family = {
  id: "negative-size",
  title: "Size may be negative",
  class: "source",
  by: "verifier",
  said: [/^(R\d+) min value is negative, either use unsigned or 'var &= const'/],
  meaning: (found) => {
    const register = found.match[1] ?? "";
    const half = testedHalf(found, register);
    if (half !== undefined) return halfMeaning(found, register, half);
    const range = rangeBefore(found, register);
    const known = range === undefined ? "It may be negative on this path" : `On this path it is ${range}`;
    return `${named(found, register)} is a size. ${known}; a negative one would be a huge number of bytes.`;
  },
  advice: (found) =>
    testedHalf(found, found.match[1] ?? "") !== undefined
      ? HALF_ADVICE
      : "Let the variable be unsigned (__u32), or test it for 0 as well: if (len <= 0 || len > sizeof(buf)) return 0. What a helper returns is negative when it failed: test that first.",
  classify: (found) => (testedHalf(found, found.match[1] ?? "") === undefined ? "source" : "lowering"),
  rules: ["unbounded-size"],
  examples: [{ text: "R4 min value is negative, either use unsigned or 'var &= const'", from: "4.18 to 7.2" }],
};
