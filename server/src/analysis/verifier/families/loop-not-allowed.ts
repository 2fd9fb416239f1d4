/** Family: a jump backwards on a kernel, or by a person, that may not have loops. */

import type { Family } from "../family.ts";

export const loopNotAllowed: Family = {
  id: "loop-not-allowed",
  title: "Jumps backwards",
  class: "source",
  by: "verifier",
  said: [/^back-edge from insn (\d+) to (\d+)/],
  meaning: ({ match }) =>
    `Instruction ${match[1]} leads back to ${match[2]}. Before 5.3 kernels allow no loop at all, and later ones none to programs without CAP_BPF; up to 6.4 a function that calls itself is reported like this too.`,
  advice:
    "Let the compiler unroll the loop (#pragma unroll before a for with a constant bound), or ask for 5.3 and later; turn recursion into a loop with a bound.",
  rules: ["loop-on-old-kernel", "calls-too-deep"],
  examples: [{ text: "back-edge from insn 24 to 19", from: "4.18 to 5.2; later for recursion and without CAP_BPF" }],
};
