/** Family: a line in the declaration of a map that libbpf does not know. */

import type { Family } from "../family.ts";

export const mapFieldUnknown: Family = {
  id: "map-field-unknown",
  title: "No such field in a map",
  class: "source",
  by: "libbpf",
  said: [/^(?:libbpf: )?map '([^']+)': unknown field '([^']+)'/, /^(?:libbpf: )?map '([^']+)': invalid field #(\d+)/],
  meaning: ({ match }) =>
    `The declaration of the map ${match[1]} has ${/^\d+$/.test(match[2] ?? "") ? `a field number ${match[2]} without a name` : `"${match[2]}"`}, which this libbpf does not know: misspelled, or newer.`,
  advice:
    "Known are type, key, value, key_size, value_size, max_entries, map_flags, numa_node, pinning, values and map_extra.",
  rules: ["unknown-map-attribute", "unsupported-map-field"],
  examples: [
    { text: "libbpf: map 'counts': unknown field 'max_entry'.", from: "libbpf 0.0.4 and later" },
    { text: "libbpf: map 'counts': invalid field #2.", from: "libbpf 0.0.4 and later" },
  ],
};
