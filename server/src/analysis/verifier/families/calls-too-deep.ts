/** Family: more functions in each other than the kernel keeps account of. */

import type { Family } from "../family.ts";

export const callsTooDeep: Family = {
  id: "calls-too-deep",
  title: "Calls are nested too deep",
  class: "source",
  by: "verifier",
  said: [/^the call stack of (\d+) frames is too deep/],
  meaning: ({ match }) =>
    `Functions call each other ${match[1]} deep, or one calls itself, and the verifier keeps account of 8 at most, the program included.`,
  advice: "Write a loop with a bound instead of recursion; make small functions static __always_inline.",
  rules: ["calls-too-deep"],
  examples: [
    { text: "the call stack of 8 frames is too deep !", from: "5.1 to 7.2" },
    { text: "the call stack of 9 frames is too deep", from: "4.18 to 7.2" },
  ],
};
