/** Family: something in the section of maps that is no declaration of a map. */

import type { Family } from "../family.ts";

export const mapDeclaration: Family = {
  id: "map-declaration",
  title: "Not a declaration of a map",
  class: "source",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?map '([^']+)': unsupported (?:map|var) linkage (\S+?)\./,
    /^(?:libbpf: )?map '([^']+)': unexpected (var|def) kind (\S+?)\./,
    /^(?:libbpf: )?map '([^']+)': invalid def size/,
    /^(?:libbpf: )?map #(\d+): empty name/,
  ],
  meaning: ({ match: { 0: all, 1: name, 3: kind } }) => {
    if (all.includes("linkage"))
      return `The map ${name} is static: maps must be global, so that they can be found by their name.`;
    if (all.includes("def kind"))
      return `The type of ${name} is ${kind === undefined ? "not" : `a ${kind}, not`} a plain struct written at the variable or by its name; an array of maps, for example, is none.`;
    return `${/^\d+$/.test(name ?? "") ? "Something" : name} stands in SEC(".maps") and is not a variable of a struct with the fields of a map.`;
  },
  advice: 'Write struct { __uint(type, …); … } name SEC(".maps"); without static, and put other variables elsewhere.',
  rules: ["static-map", "not-a-map-definition"],
  examples: [
    { text: "libbpf: map 'counts': unsupported map linkage static.", from: "libbpf 0.5 and later" },
    { text: "libbpf: map 'counts': unexpected def kind typedef.", from: "libbpf 0.0.4 and later" },
    { text: "libbpf: map 'counts': invalid def size.", from: "libbpf 0.0.4 and later" },
    { text: "libbpf: map #2: empty name.", from: "libbpf 0.0.4 and later" },
  ],
};
