/** One instruction that goes through different kinds of pointers on different paths. */

import type { Family } from "../family.ts";

export const mixedPointers: Family = {
  id: "mixed-pointers",
  title: "One access for two kinds of pointers",
  class: "source",
  by: "verifier",
  said: [/^same insn cannot be used with different pointers/],
  meaning:
    "On one path this access goes through one kind of pointer, on another path through another, for example the context and the stack. The kernel must rewrite it for the one, and cannot for both.",
  advice:
    'Make the access in each branch, before they join. Where the C does so already, the compiler has joined them: keep them apart with asm volatile("" ::: "memory"); in one branch.',
  examples: [{ text: "same insn cannot be used with different pointers", from: "4.18 to 7.2" }],
};
