/** A write to the register that holds the end of the stack. */

import type { Family } from "../family.ts";

export const framePointerChanged: Family = {
  id: "frame-pointer-changed",
  title: "The frame pointer may not be changed",
  class: "source",
  by: "verifier",
  said: [/^frame pointer is read only/],
  meaning:
    "R10 holds the end of the stack and may only be read. Compilers never change it, so this comes from assembly.",
  advice: "Copy it to another register and calculate with the copy: r2 = r10; r2 += -8.",
  examples: [{ text: "frame pointer is read only", from: "4.18 to 7.2" }],
};
