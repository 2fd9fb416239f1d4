/** Family: a map without a type. */

import type { Family } from "../family.ts";

export const mapTypeMissing: Family = {
  id: "map-type-missing",
  title: "Map has no type",
  class: "source",
  by: "libbpf",
  said: [/^(?:libbpf: )?map '([^']+)': map type isn't specified/],
  meaning: ({ match }) => `The declaration of the map ${match[1]} does not say what kind of map it is.`,
  advice: "Add __uint(type, BPF_MAP_TYPE_HASH); or another type.",
  rules: ["missing-map-type"],
  examples: [{ text: "libbpf: map 'counts': map type isn't specified.", from: "libbpf 0.0.4 and later" }],
};
