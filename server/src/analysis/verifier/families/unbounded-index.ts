/** An index of which nothing says how large it may be. */

import type { Family } from "../family.ts";
import { stateBefore } from "../registers.ts";

export const unboundedIndex: Family = {
  id: "unbounded-index",
  title: "Index has no upper bound",
  class: "source",
  by: "verifier",
  said: [/^(R\d+) unbounded memory access, make sure to bounds check any (?:such access|array access into a map)/],
  meaning: (found) => {
    const size = /\bvs=(\d+)/.exec(stateBefore(found, found.match[1] ?? "") ?? "")?.[1];
    const memory = size === undefined ? "the memory" : `the ${size} bytes`;
    return `What was added to this pointer may be so large that it leaves ${memory} by far: nothing on this path bounds it from above.`;
  },
  advice:
    'Test the very variable that is used, just before it is used: if (i >= N) return 0, or with a power of two i &= N - 1. Where the C does test it, the compiler may have tested a copy: asm volatile("" : "+r"(i)); before the test helps to keep them one.',
  rules: ["unbounded-index"],
  examples: [
    { text: "R2 unbounded memory access, make sure to bounds check any such access", from: "5.8 to 7.2" },
    { text: "R0 unbounded memory access, make sure to bounds check any array access into a map", from: "4.18 to 5.7" },
  ],
};
