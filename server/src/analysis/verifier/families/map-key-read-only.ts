/** A write to the key that a callback is given. */

import type { Family } from "../family.ts";

export const mapKeyReadOnly: Family = {
  id: "map-key-read-only",
  title: "Key of a map may not be written",
  class: "source",
  by: "verifier",
  said: [/^write to change key (R\d+) not allowed/],
  meaning:
    "The key that a callback of bpf_for_each_map_elem() is given is the map's own: to write it would put the entry where nobody finds it.",
  advice:
    "Copy the key to a variable of your own and change the copy. To move an entry, add a new one and delete the old.",
  rules: ["read-only-memory"],
  examples: [{ text: "write to change key R1 not allowed", from: "5.13 to 7.2" }],
};
