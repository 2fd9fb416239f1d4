/** Family: maps declared as they were before libbpf 1.0. */

import type { Family } from "../family.ts";

export const legacyMapDefinition: Family = {
  id: "legacy-map-definition",
  title: "Maps are declared in the old way",
  class: "source",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?elf: legacy map definitions in 'maps' section are not supported by libbpf v1\.0\+/,
    /^(?:libbpf: )?legacy map definitions in SEC\("maps"\) are not supported/,
    /^(?:libbpf: )?map '([^']+)' \(legacy\): (?:legacy map definitions are deprecated|static maps are not supported)/,
    /^(?:libbpf: )?(?:corrupted maps section in|elf: unable to determine legacy map definition size in) (\S+)/,
  ],
  meaning: 'struct bpf_map_def in SEC("maps") is not read any more since libbpf 1.0.',
  advice:
    'Declare each map as struct { __uint(type, …); __uint(max_entries, …); __type(key, …); __type(value, …); } name SEC(".maps");',
  rules: ["legacy-map"],
  examples: [
    {
      text: "libbpf: elf: legacy map definitions in 'maps' section are not supported by libbpf v1.0+",
      from: "libbpf 1.0 and later",
    },
    {
      text: 'libbpf: legacy map definitions in SEC("maps") are not supported',
      from: "libbpf 0.6 to 0.8, in strict mode",
    },
    {
      text: "libbpf: map 'counts' (legacy): legacy map definitions are deprecated, use BTF-defined maps instead",
      from: "libbpf 0.6 to 0.8",
    },
    { text: 'libbpf: corrupted maps section in x.o: last map "counts" too small', from: "libbpf before 1.0" },
  ],
};
