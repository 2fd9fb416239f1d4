/** Family: a place where a map should stand, and does not. */

import type { Family } from "../family.ts";

export const badMapReference: Family = {
  id: "bad-map-reference",
  title: "Refers to a map that is not there",
  class: "environment",
  by: "verifier",
  said: [
    /^fd (-?\d+) is not pointing to valid bpf_map(?: or btf)?/,
    /^(?:fd_idx|kfunc offset > 0) without fd_array is invalid/,
    /^fd_idx \d+ (?:is not a map|out of bounds, fd_array_cnt \d+)/,
    /^(?:fd_array_cnt \d+ without fd_array is invalid)/,
    /^BPF map '([^']+)' is referenced but wasn't created/,
    /^(?:\d+: )?<invalid BPF map reference>/,
    /^invalid func unknown#200100\d{4}\b/,
  ],
  meaning: ({ match }) =>
    match[1] !== undefined && match[0].startsWith("BPF map")
      ? `The program uses the map ${match[1]}, which the loader was told not to create (bpf_map__set_autocreate()).`
      : "The code refers to a map by a number that is none: a loader put the program into the kernel without filling in its maps, or the map was not created.",
  advice:
    "Load the object with libbpf, bpftool, cilium/ebpf or aya, which create the maps first; guard uses of a map that may be missing.",
  examples: [
    { text: "fd 0 is not pointing to valid bpf_map", from: "4.18 to 7.2" },
    { text: "fd_idx without fd_array is invalid", from: "5.14 to 7.2" },
    { text: "fd_idx 4 out of bounds, fd_array_cnt 2", from: "after 7.2" },
    { text: "fd_array_cnt 2 without fd_array is invalid", from: "after 7.2" },
    { text: "BPF map 'recent' is referenced but wasn't created", from: "libbpf 0.8 and later" },
    { text: "4: <invalid BPF map reference>", from: "libbpf 0.8 and later" },
    { text: "invalid func unknown#2001000003", from: "libbpf 0.8 and later, on any kernel" },
  ],
};
