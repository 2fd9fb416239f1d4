/** A division by the constant 0, or a shift by too much. */

import type { Family } from "../family.ts";

export const impossibleArithmetic: Family = {
  id: "impossible-arithmetic",
  title: "Calculation that has no result",
  class: "source",
  by: "verifier",
  said: [/^(div) by zero$/, /^invalid (shift) (-?\d+)/],
  meaning: ({ match: [, what, by] }) =>
    what === "div"
      ? "The program divides by the constant 0, or takes a remainder of it. With a variable that is 0 the result would be 0 (or the number itself for a remainder), and nothing is refused."
      : `The program shifts by the constant ${by}, which is negative or not less than the width of the number.`,
  advice: ({ match: [, what] }) =>
    what === "div"
      ? "Look for a macro or constant that is 0 in this build."
      : "Shift by less than the width: 31 for 32 bits, 63 for 64; a 1 that is shifted far must be 1ULL.",
  examples: [
    { text: "div by zero", from: "4.18 to 7.2" },
    { text: "invalid shift 64", from: "4.18 to 7.2" },
  ],
};
