/** Family: a generated header that is not of the object. */

import type { Family } from "../family.ts";

export const skeletonMismatch: Family = {
  id: "skeleton-mismatch",
  title: "Skeleton and object do not fit",
  class: "environment",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?failed to find skeleton (map|program) '([^']+)'/,
    /^(?:libbpf: )?failed to (?:initialize skeleton BPF object|populate (?:sub)?skeleton (?:maps|progs)(?: for)?|load BPF skeleton)/,
    /^(?:libbpf: )?map '([^']+)': (?:BPF skeleton version is old, skipping map auto-attachment|BPF map skeleton link is uninitialized)/,
  ],
  meaning:
    "The header that bpftool gen skeleton wrote is of another version of the object, or of another libbpf, than what is loaded now.",
  advice: "Generate the skeleton anew from the object, and build the loader with it.",
  inGeneral: true,
  examples: [
    { text: "libbpf: failed to find skeleton map 'counts'", from: "libbpf 0.0.6 and later" },
    { text: "libbpf: failed to load BPF skeleton 'x': -22", from: "libbpf" },
    {
      text: "libbpf: map 'ops': BPF skeleton version is old, skipping map auto-attachment...",
      from: "libbpf 1.5 and later",
    },
  ],
};
