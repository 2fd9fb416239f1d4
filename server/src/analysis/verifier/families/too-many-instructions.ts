/** Family: more instructions than the verifier looks at. */

import type { Family } from "../family.ts";

export const tooManyInstructions: Family = {
  id: "too-many-instructions",
  title: "Too much to verify",
  class: "limit",
  by: "verifier",
  said: [
    /^BPF program is too large\. Processed (\d+) insns?/,
    /^BPF program is too complex/,
    /^liveness analysis exceeded complexity limit \((\d+) calls\)/,
  ],
  meaning: ({ match }) =>
    match[1] === undefined || match[0].startsWith("live")
      ? "The verifier gave up: the ways through the program are too many for it."
      : `The verifier looked at ${match[1]} instructions and gave up. It does not count the code but each look at it: a branch in a loop doubles the ways through the program with every turn.`,
  advice:
    "Make ways meet: put the body of a loop into bpf_loop() or bpf_for(), or into a global function, which is looked at once; unroll less; have fewer branches in loops. The lines that were looked at most often are where to begin.",
  rules: ["unrolled-loop", "bpf-loop", "endless-loop"],
  examples: [
    { text: "BPF program is too large. Processed 1000001 insn", from: "5.2 to 7.2" },
    { text: "BPF program is too large. Processed 131073 insn", from: "4.18 to 5.1" },
    { text: "BPF program is too complex", from: "4.18 to 5.2" },
    { text: "liveness analysis exceeded complexity limit (1000001 calls)", from: "7.1 and 7.2" },
  ],
};
