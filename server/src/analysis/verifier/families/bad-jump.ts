/** Family: a jump to where no instruction is. */

import type { Family } from "../family.ts";

export const badJump: Family = {
  id: "bad-jump",
  title: "Jump leads out of the program",
  class: "lowering",
  by: "verifier",
  said: [
    /^(?:indirect )?jump out of range from insn (\d+) to (-?\d+)/,
    /^jump into the middle of ldimm64 insn (\d+)/,
    /^jump table for insn (\d+) points outside of the subprog/,
    /^no jump tables found for subprog starting at (\d+)/,
    /^(?:call to invalid destination|invalid insn idx \d+ insn_cnt \d+)/,
  ],
  meaning: ({ match }) =>
    `A jump or a call${match[1] === undefined ? "" : ` at instruction ${match[1]}`} leads to where no instruction of this function begins. Compilers do not write such; inline assembly, a goto into another function, or a loader that put the parts together wrongly do.`,
  advice:
    "Look at inline assembly there; otherwise load the object with a current libbpf, and build it with a current clang.",
  examples: [
    { text: "jump out of range from insn 3 to 40", from: "4.18 to 7.2" },
    { text: "jump into the middle of ldimm64 insn 4", from: "6.6 to 7.2, and stable releases of 6.1" },
    { text: "jump table for insn 9 points outside of the subprog [0,12]", from: "6.19 to 7.2" },
    { text: "no jump tables found for subprog starting at 4", from: "6.19 to 7.2" },
    { text: "call to invalid destination", from: "4.18 to 7.2" },
  ],
};
