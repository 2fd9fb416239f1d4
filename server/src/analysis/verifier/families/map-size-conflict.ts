/** Family: key or value of a map, with two sizes. */

import type { Family } from "../family.ts";

export const mapSizeConflict: Family = {
  id: "map-size-conflict",
  title: "Two sizes for one key or value",
  class: "source",
  by: "libbpf",
  said: [/^(?:libbpf: )?map '([^']+)': conflicting (key|value) size (\d+) != (-?\d+)/],
  meaning: ({ match }) =>
    `The ${match[2]} of the map ${match[1]} is said to have ${match[3]} bytes, and also ${match[4]}.`,
  advice: ({ match }) => `Say it once: __type(${match[2]}, …), and no __uint(${match[2]}_size, …).`,
  rules: ["conflicting-map-size"],
  examples: [{ text: "libbpf: map 'counts': conflicting key size 8 != 4.", from: "libbpf 0.0.4 and later" }],
};
