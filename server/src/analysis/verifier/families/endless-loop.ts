/** Family: a loop that comes back to where it was with nothing changed. */

import type { Family } from "../family.ts";
import { placeOfInstruction } from "../place-of-instruction.ts";

export const endlessLoop: Family = {
  id: "endless-loop",
  title: "Loop does not end",
  class: "source",
  by: "verifier",
  said: [/^infinite loop detected at insn (\d+)/],
  meaning:
    "The verifier went round the loop and found all that decides about its end as it was before: nothing it can see brings the loop nearer to its end. A condition on a value that the kernel or a map may set at any time is such a case.",
  advice:
    "Count the turns in a variable, and stop at a constant: for (int i = 0; i < 64; i++); for long loops bpf_for() (6.4 and later) or bpf_loop() (5.17 and later).",
  step: (found) => placeOfInstruction(found, Number(found.match[1])),
  rules: ["bpf-loop", "endless-loop"],
  examples: [{ text: "infinite loop detected at insn 7", from: "5.3 to 7.2" }],
};
