/** Family: more branches to come back to than the verifier remembers. */

import type { Family } from "../family.ts";

export const tooManyJumps: Family = {
  id: "too-many-jumps",
  title: "Too many branches in a row",
  class: "limit",
  by: "verifier",
  said: [/^The sequence of (\d+) jumps is too complex(?: for async cb)?\./],
  meaning: ({ match }) =>
    `On one way through the program the verifier met ${match[1]} branches whose other side it had yet to look at, and it remembers 8192: a loop with a branch in it that runs thousands of times, or such a loop that was unrolled.`,
  advice: "Put the body of the loop into bpf_loop() or bpf_for(), or into a global function, or let it run less often.",
  rules: ["unrolled-loop", "bpf-loop", "endless-loop"],
  examples: [
    { text: "The sequence of 8193 jumps is too complex.", from: "5.3 to 7.2" },
    { text: "The sequence of 8193 jumps is too complex for async cb.", from: "5.15 to 7.2" },
  ],
};
