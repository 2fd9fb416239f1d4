/** Family: a tail call from functions that use much of the stack. */

import type { Family } from "../family.ts";

export const tailCallStack: Family = {
  id: "tail-call-stack",
  title: "Too much stack in use for a tail call",
  class: "source",
  by: "verifier",
  said: [/^tail_calls are not allowed when call stack of previous frames is (\d+) bytes\. Too large/],
  meaning: ({ match }) =>
    `The functions that lead to this tail call keep ${match[1]} bytes on the stack, and they stay there while the next program runs. The kernel allows less than 256, so that 33 tail calls in a row fit its stack.`,
  advice:
    "Keep large local variables of the callers in a per-CPU array, or make the function with the tail call __always_inline.",
  rules: ["stack-too-large"],
  examples: [
    {
      text: "tail_calls are not allowed when call stack of previous frames is 288 bytes. Too large",
      from: "5.10 to 7.2",
    },
  ],
};
