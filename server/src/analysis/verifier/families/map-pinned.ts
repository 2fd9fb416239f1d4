/** Family: a map that is pinned, and is not the one that the program declares. */

import type { Family } from "../family.ts";

export const mapPinned: Family = {
  id: "map-pinned",
  title: "Pinned map does not fit, or cannot be had",
  class: "environment",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?couldn't reuse pinned map at '([^']+)': parameter mismatch/,
    /^(?:libbpf: )?couldn't retrieve pinned map '([^']+)': (.+)/,
    /^(?:libbpf: )?map '([^']+)': (?:error reusing pinned map|cannot find pinned map|couldn't build pin path)/,
    /^(?:libbpf: )?map '([^']+)': failed to auto-pin at '([^']+)': (.+)/,
    /^(?:libbpf: )?(?:map '([^']+)' already (?:pinned|has pin path)|missing a path to pin map '[^']+'|failed to pin map: .+)/,
  ],
  meaning: ({ match: { 0: all, 1: name } }) => {
    if (all.includes("parameter mismatch"))
      return `At ${name} a map is pinned already, by another program or an older version of this one, with another type, size or flags than this program declares.`;
    if (all.includes("auto-pin"))
      return `The map ${name} was created, and could not be given its name in the file system of BPF.`;
    return "A map that should stay under a name could not be found, or not be put there.";
  },
  advice: ({ match: { 0: all, 1: name } }) =>
    all.includes("parameter mismatch")
      ? `If nobody needs the old one: sudo rm ${name}. Otherwise declare the same as it has (bpftool map show pinned ${name}).`
      : "Mount the file system, sudo mount -t bpf bpf /sys/fs/bpf, and load with the rights to write there.",
  examples: [
    {
      text: "libbpf: couldn't reuse pinned map at '/sys/fs/bpf/counts': parameter mismatch",
      from: "libbpf 0.0.6 and later",
    },
    {
      text: "libbpf: couldn't retrieve pinned map '/sys/fs/bpf/counts': Operation not permitted",
      from: "libbpf 0.0.6 and later",
    },
    { text: "libbpf: map 'counts': error reusing pinned map", from: "libbpf 0.0.6 and later" },
    { text: "libbpf: map 'counts': failed to auto-pin at '/sys/fs/bpf/counts': -2", from: "libbpf 0.0.6 and later" },
    { text: "libbpf: map 'counts' already pinned", from: "libbpf 0.0.6 and later" },
  ],
};
