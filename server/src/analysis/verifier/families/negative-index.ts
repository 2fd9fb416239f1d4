/** An index that may be negative. */

import type { Family } from "../family.ts";

export const negativeIndex: Family = {
  id: "negative-index",
  title: "Index may be negative",
  class: "source",
  by: "verifier",
  said: [/^(R\d+) min value is negative, either use unsigned index or do a if \(index >=0\) check/],
  meaning: "What was added to this pointer may be negative on this path, so the access may lie before the memory.",
  advice: "Let the index be unsigned (__u32), or test it for 0 as well: if (i < 0 || i >= N) return 0;",
  rules: ["unbounded-index"],
  examples: [
    { text: "R0 min value is negative, either use unsigned index or do a if (index >=0) check.", from: "4.18 to 7.2" },
  ],
};
