/** Operators that leave no pointer behind. */

import type { Family } from "../family.ts";

export const pointerOperator: Family = {
  id: "pointer-operator",
  title: "Operator not allowed on pointers",
  class: "source",
  by: "verifier",
  rules: ["pointer-arithmetic"],
  said: [
    /^(?:(R\d+) )?bitwise operator (\S+) on pointer prohibited/,
    /^(R\d+) pointer arithmetic with (\S+) operator prohibited/,
    /^(R\d+) pointer (\S+) pointer prohibited/,
    /^(R\d+) has pointer with unsupported alu operation/,
  ],
  meaning: ({ match: [whole, , operator] }) => {
    if (whole.endsWith("pointer prohibited") && !whole.includes("operator"))
      return `Two pointers are joined with ${operator}; the result would be no pointer. Only their difference means something.`;
    return `${operator === undefined ? "An operator" : `The operator ${operator}`} is applied to a pointer. Only numbers may be added to a pointer, or taken from it.`;
  },
  advice:
    "Calculate with an offset instead, a number of its own, and add it to the pointer at the end: to align, align the offset; a middle is data + (data_end - data) / 2.",
  examples: [
    { text: "R2 bitwise operator &= on pointer prohibited", from: "4.18 to 7.2" },
    { text: "R1 pointer arithmetic with <<= operator prohibited", from: "4.18 to 7.2" },
    { text: "R1 pointer += pointer prohibited", from: "4.18 to 7.2" },
    {
      text: "R1 has pointer with unsupported alu operation, pointer arithmetic with it prohibited for !root",
      from: "5.12 to 7.2, and stable releases of 4.19 and 5.10",
    },
  ],
};
