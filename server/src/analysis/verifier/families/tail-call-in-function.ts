/** Family: a tail call in a function that returns no int. */

import type { Family } from "../family.ts";

export const tailCallInFunction: Family = {
  id: "tail-call-in-function",
  title: "Tail call only in functions that return int",
  class: "source",
  by: "verifier",
  said: [/^(tail_call|LD_ABS) is (?:only allowed in functions that return 'int'|not allowed in subprogs without BTF)/],
  meaning:
    "The next program returns in place of this function, and with a number: so the function must be one that returns an int, and the kernel must know its type.",
  advice: "Let the function return int, make it static __always_inline, and build with -g.",
  examples: [
    { text: "tail_call is only allowed in functions that return 'int'.", from: "5.10 to 7.0" },
    { text: "LD_ABS is not allowed in subprogs without BTF", from: "5.10 to 7.0" },
  ],
};
