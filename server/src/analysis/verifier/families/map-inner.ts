/** Family: a map of maps, or a table of programs, that is not declared as such. */

import type { Family } from "../family.ts";

export const mapInner: Family = {
  id: "map-inner",
  title: "Inner map or table is not declared rightly",
  class: "source",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?map '([^']+)': (multi-level inner maps not supported)/,
    /^(?:libbpf: )?map '([^']+)': '(?:\w+)' (member should be last)/,
    /^(?:libbpf: )?map '([^']+)': (should be map-in-map(?: or prog-array)?)/,
    /^(?:libbpf: )?map '([^']+)': (?:(?:map-in-map|prog-array) )?(?:inner |value |\w+ )?(?:spec|def|type) ?(?:\[\d+\] )?(is not a zero-sized array|is of unexpected kind|not found)/,
    /^(?:libbpf: )?map '([^']+)': (inner def can't be pinned)/,
    /^(?:libbpf: )?\.maps relo #\d+: ('[^']*' isn't (?:a BTF-defined map|a valid map reference|a valid program reference|an entry-point program)|cannot find map .*|hash-of-maps '[^']*' should have key size \d+|failed to get ELF relo|symbol \S+ not found)/,
    /^(?:libbpf: )?map '([^']+)': (failed to create inner map): (.+)/,
    /^BTF map `([^`]+)`: (`values` spec is not a zero-sized array|inner map definition cannot be pinned|multi-level map-in-map is not supported)/,
  ],
  meaning: ({ match: { 0: all, 1: name } }) => {
    if (/multi-level/.test(all)) return `The maps inside of ${name} hold maps again, and there may be one level only.`;
    if (/member should be last/.test(all))
      return `In ${name} something stands behind values, which must be the last field: it is an array of no fixed length.`;
    if (/pinned/.test(all))
      return `The declaration of the maps inside of ${name} has pinning: inner maps are made without a name, so that there is nothing to pin.`;
    if (/should be map-in-map/.test(all))
      return `${name} has values and is neither a map of maps nor a table of programs.`;
    if (/failed to create/.test(all))
      return `The map that shows how those inside of ${name} look could not be created.`;
    return "What a map of maps, or a table of programs, is filled with at the start is not a map, or not a program, of this file.";
  },
  advice:
    "As the last field: __array(values, struct inner_map) in a map of maps, __array(values, int (void *)) in a table of programs; fill it with &map or (void *)&program.",
  rules: ["values-not-last", "unexpected-map-values", "missing-inner-map", "invalid-inner-map"],
  examples: [
    { text: "libbpf: map 'outer': multi-level inner maps not supported.", from: "libbpf 0.0.9 and later" },
    { text: "libbpf: map 'outer': 'values' member should be last.", from: "libbpf 0.0.9 and later" },
    { text: "libbpf: map 'outer': should be map-in-map or prog-array.", from: "libbpf 0.6 and later" },
    { text: "libbpf: map 'outer': map-in-map inner def is of unexpected kind int.", from: "libbpf 0.0.9 and later" },
    { text: "libbpf: map 'outer': inner def can't be pinned.", from: "libbpf 0.0.9 and later" },
    { text: "libbpf: .maps relo #0: 'counts' isn't a BTF-defined map", from: "libbpf 0.0.9 and later" },
    { text: "libbpf: map 'outer': failed to create inner map: -22", from: "libbpf 0.0.9 and later" },
    { text: "BTF map `outer`: inner map definition cannot be pinned", from: "aya" },
  ],
};
