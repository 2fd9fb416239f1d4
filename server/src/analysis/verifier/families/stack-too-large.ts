/** Functions that need more stack together than there is. */

import type { Family } from "../family.ts";

export const stackTooLarge: Family = {
  id: "stack-too-large",
  title: "More stack than there is",
  class: "limit",
  by: "verifier",
  said: [
    /^combined stack size of (\d+) calls is (\d+)\. Too large/,
    /^stack size of subprog (\d+) is (\d+)\. Too large/,
    /^stack size (\d+)\(extra (\d+)\) is too large/,
  ],
  meaning: ({ match: [whole, first = "", second = ""] }) => {
    if (whole.startsWith("combined"))
      return `A program has 512 bytes of stack for all functions that are active at a time. Here ${first} functions that call each other need ${second} together, each rounded up.`;
    if (whole.startsWith("stack size of"))
      return `A function may have 512 bytes of stack; function ${first} of the program needs ${second}.`;
    return `The program needs ${first} bytes of stack, ${second} of them added by the kernel; that is more than the 512 it may have.`;
  },
  advice:
    "Move the largest variables into a per-CPU array with one entry (or a ring buffer's record). Of functions that call each other, let only one keep large variables.",
  // It is said when all was walked through; the first call is where the stacks begin to add up.
  step: ({ log: { steps } }) => {
    const call = steps.findIndex(({ frame, text }) => frame === 0 && /^\(85\) call pc/.test(text));
    return call < 0 ? undefined : call;
  },
  story: () => [],
  rules: ["stack-too-large"],
  examples: [
    { text: "combined stack size of 2 calls is 608. Too large", from: "4.18 to 7.2" },
    { text: "stack size of subprog 1 is 544. Too large", from: "6.12 to 7.2" },
    { text: "stack size 520(extra 8) is too large", from: "6.17 to 7.2, and stable releases of 6.12" },
  ],
};
