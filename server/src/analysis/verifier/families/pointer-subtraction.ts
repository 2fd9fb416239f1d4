/** A pointer that is taken from something. */

import type { Family } from "../family.ts";

export const pointerSubtraction: Family = {
  id: "pointer-subtraction",
  title: "Pointer is subtracted",
  class: "source",
  by: "verifier",
  rules: ["pointer-arithmetic"],
  said: [/^(R\d+) tried to subtract pointer from (scalar)/, /^(R\d+) subtraction from (stack) pointer prohibited/],
  meaning: ({ match: [, , what] }) =>
    what === "stack"
      ? "Something is taken from a pointer to the stack with a subtraction. Addresses on the stack are made by adding negative numbers; compilers do that, so this comes from assembly."
      : "A pointer is taken from a plain number; the result would mean nothing.",
  advice: ({ match: [, , what] }) =>
    what === "stack"
      ? "Write r2 += -8; instead of r2 -= 8."
      : "Take the number from the pointer, or the difference of two pointers: (long)end - (long)data.",
  examples: [
    { text: "R2 tried to subtract pointer from scalar", from: "4.18 to 7.2" },
    { text: "R2 subtraction from stack pointer prohibited", from: "4.18 to 7.2" },
  ],
};
