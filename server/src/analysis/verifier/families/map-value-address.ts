/** The address of a place beyond the values of a map. */

import type { Family } from "../family.ts";

export const mapValueAddress: Family = {
  id: "map-value-address",
  title: "Address beyond the values of a map",
  class: "source",
  by: "verifier",
  said: [/^invalid access to map value pointer, value_size=(\d+) off=(\d+)/],
  meaning: ({ match: [, size, off] }) =>
    `The program takes the address of byte ${off} of a map's values, which have ${size} bytes: of a global variable, for example, with an index far beyond its end.`,
  advice: "Keep constant indexes inside of the variable.",
  examples: [{ text: "invalid access to map value pointer, value_size=64 off=4096", from: "5.2 to 7.2" }],
};
