/** Family: a field of a map that is written in the wrong form. */

import type { Family } from "../family.ts";

export const mapAttributeForm: Family = {
  id: "map-attribute-form",
  title: "Field of the map is written wrongly",
  class: "source",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?map '([^']+)': attr '([^']+)': (?:expected (PTR|ARRAY|ENUM or ENUM64), got (\S+?)\.|type \[\d+\] not found|invalid __ulong)/,
    /^(?:libbpf: )?map '([^']+)': (key|value) (?:spec is not PTR: (\S+?)\.|type \[\d+\] not found)/,
    /^(?:libbpf: )?map '([^']+)' BTF data is corrupted/,
  ],
  meaning: ({ match }) =>
    `In the declaration of the map ${match[1]}, ${match[2] === undefined ? "a field" : `"${match[2]}"`} is not written with the macro it needs. __uint(name, number) makes a pointer to an array of that many elements, __type(name, type) a pointer to the type, and libbpf reads these shapes.`,
  advice:
    "Write numbers with __uint(…), types with __type(…), large numbers with __ulong(…) and tables with __array(…).",
  rules: ["unexpected-map-extra", "unknown-map-attribute"],
  examples: [
    { text: "libbpf: map 'counts': attr 'max_entries': expected PTR, got INT.", from: "libbpf 0.0.4 and later" },
    { text: "libbpf: map 'counts': key spec is not PTR: INT.", from: "libbpf 0.0.4 and later" },
    { text: "libbpf: map 'counts' BTF data is corrupted.", from: "libbpf 0.0.4 and later" },
  ],
};
