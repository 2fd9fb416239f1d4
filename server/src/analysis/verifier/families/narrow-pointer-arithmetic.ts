/** Half of a pointer, calculated with. */

import type { Family } from "../family.ts";

export const narrowPointerArithmetic: Family = {
  id: "narrow-pointer-arithmetic",
  title: "Pointer calculated with in 32 bits",
  class: "source",
  by: "verifier",
  rules: ["pointer-arithmetic"],
  said: [/^(R\d+) 32-bit pointer arithmetic prohibited/],
  meaning: "The program calculates with the lower 32 bits of a pointer. The result would be no pointer any more.",
  advice:
    "Keep pointers in pointer types or in 64 bits: (void *)(long)skb->data, and lengths as (long)end - (long)data, in variables of 64 bits.",
  examples: [{ text: "R1 32-bit pointer arithmetic prohibited", from: "4.18 to 7.2" }],
};
