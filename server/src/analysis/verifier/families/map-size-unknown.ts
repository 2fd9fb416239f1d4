/** Family: key or value of a map, of a type without a size. */

import type { Family } from "../family.ts";

export const mapSizeUnknown: Family = {
  id: "map-size-unknown",
  title: "Size of key or value is not known",
  class: "source",
  by: "libbpf",
  said: [/^(?:libbpf: )?map '([^']+)': can't determine (key|value) size for type \[\d+\]: (-?\d+)/],
  meaning: ({ match }) =>
    `The type of the ${match[2]} of the map ${match[1]} is declared, and nowhere defined in this file; or it is void, or a function.`,
  advice: "Include the header that defines the struct.",
  rules: ["undefined-map-struct"],
  examples: [
    { text: "libbpf: map 'counts': can't determine value size for type [7]: -22.", from: "libbpf 0.0.4 and later" },
  ],
};
