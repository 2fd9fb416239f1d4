/** A map whose own description may not be read. */

import type { Family } from "../family.ts";

export const mapFieldsUnreadable: Family = {
  id: "map-fields-unreadable",
  title: "This map cannot be looked into",
  class: "environment",
  by: "verifier",
  said: [/^map_ptr access not supported for map type (\d+)/],
  meaning: ({ match: [, type] }) =>
    `The program reads the fields that describe a map, and this kernel gives these no type for maps of its type (number ${type}).`,
  advice:
    "If an entry was meant, look it up with bpf_map_lookup_elem(); what describes the map, such as its size, can be passed to the program in a constant.",
  examples: [{ text: "map_ptr access not supported for map type 3", from: "5.8 to 7.2" }],
};
