/** A pointer, or nothing at all, where a number must be returned. */

import type { Family } from "../family.ts";
import { kindInWords } from "../kinds.ts";

export const returnValueNotANumber: Family = {
  id: "return-value-not-a-number",
  title: "Return value is no number",
  class: "source",
  by: "verifier",
  said: [/^At .+? the register R\d+ is not a (?:known|scalar) value \((\S+)\)/, /^R0 not a scalar value/],
  meaning: ({ match: [, kind] }) =>
    `What is returned must be a plain number${kind === undefined ? "; here it is a pointer, or nothing was set" : `; here it is ${kindInWords(kind)}`}.`,
  advice:
    "Return a number on every path: 0, or one of the values that this type of program knows. To say whether a pointer was found, return ptr != NULL.",
  rules: ["bad-return-value"],
  examples: [
    { text: "At program exit the register R0 is not a known value (ctx)", from: "4.18 to 7.2" },
    { text: "At subprogram exit the register R0 is not a scalar value (map_value_or_null)", from: "5.10 to 7.2" },
    { text: "R0 not a scalar value", from: "5.13 to 7.2" },
  ],
};
