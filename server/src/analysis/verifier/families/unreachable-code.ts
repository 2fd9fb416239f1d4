/** Family: an instruction that no way leads to. */

import type { Family } from "../family.ts";

export const unreachableCode: Family = {
  id: "unreachable-code",
  title: "Code that cannot be reached",
  class: "lowering",
  by: "verifier",
  said: [/^unreachable insn (\d+)/],
  meaning: ({ match }) =>
    `No way leads to instruction ${match[1]}. The compiler removes such code as a rule, so it comes from inline assembly, from building without -O2, or from a damaged object.`,
  advice: "Build with -O2, and look at inline assembly around this place.",
  examples: [{ text: "unreachable insn 12", from: "4.18 to 7.2" }],
};
