/** A write to a map that is only for reading, or the other way round; constant globals are such a map. */

import type { Family } from "../family.ts";

export const mapAccessForbidden: Family = {
  id: "map-access-forbidden",
  title: "Map may not be used so",
  class: "source",
  by: "verifier",
  rules: ["read-only-memory"],
  said: [/^(write into|read from) map forbidden(?:, value_size=(\d+) off=(-?\d+) size=(\d+))?/],
  meaning: ({ match }) =>
    match[1] === "write into"
      ? "The program writes into a map that programs may only read: const globals (.rodata) after loading, or a map with the flag BPF_F_RDONLY_PROG."
      : "The program reads a map that programs may only write: it has the flag BPF_F_WRONLY_PROG.",
  advice: ({ match }) =>
    match[1] === "write into"
      ? "Take const off a variable that the program changes, or BPF_F_RDONLY_PROG off the map. What user space sets before loading stays const."
      : "Take BPF_F_WRONLY_PROG off the map.",
  examples: [
    { text: "write into map forbidden, value_size=4 off=0 size=4", from: "5.2 to 7.2" },
    { text: "read from map forbidden, value_size=8 off=0 size=8", from: "5.2 to 7.2" },
    { text: "write into map forbidden", from: "5.2 to 7.2, by a helper" },
  ],
};
