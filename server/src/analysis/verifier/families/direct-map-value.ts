/** Family: the address of a map's value that the kernel cannot give. */

import type { Family } from "../family.ts";

export const directMapValue: Family = {
  id: "direct-map-value",
  title: "Map has no values at fixed addresses",
  class: "source",
  by: "verifier",
  said: [/^no direct value access support for this map type/, /^direct value offset of (\d+) is not allowed/],
  meaning:
    "The program takes the address of a value inside of a map as if the map were a variable. Only arrays have values at an address that is known when the program is loaded.",
  advice: "Look the value up with bpf_map_lookup_elem(), or keep what you need in a global variable.",
  examples: [
    { text: "no direct value access support for this map type", from: "5.2 to 7.2" },
    { text: "direct value offset of 536870912 is not allowed", from: "5.2 to 6.19" },
  ],
};
