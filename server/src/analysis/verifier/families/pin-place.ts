/** Family: a place to pin to that is not in the file system of BPF. */

import type { Family } from "../family.ts";

export const pinPlace: Family = {
  id: "pin-place",
  title: "Cannot be pinned there",
  class: "environment",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?specified path (\S+) is not on BPF FS/,
    /^(?:libbpf: )?failed to (?:mkdir|statfs) (\S+): (.+)/,
    /^(?:libbpf: )?prog '([^']+)': (?:failed to pin at '([^']+)': (.+)|can't (?:un)?pin program that wasn't loaded)/,
    /^(?:libbpf: )?(?:no path to unpin map '([^']+)' from|map '([^']+)': can't pin BPF map without FD)/,
  ],
  meaning:
    "What is pinned gets a name in a file system of its own, and this place is not in it, exists already, or may not be written.",
  advice: "Mount it: sudo mount -t bpf bpf /sys/fs/bpf; pin below that folder, under a name that is free.",
  examples: [
    { text: "libbpf: specified path /tmp/x is not on BPF FS", from: "libbpf" },
    { text: "libbpf: failed to mkdir /sys/fs/bpf/x: Permission denied", from: "libbpf" },
    { text: "libbpf: prog 'x': failed to pin at '/sys/fs/bpf/x': File exists", from: "libbpf 0.6 and later" },
    { text: "libbpf: map 'm': can't pin BPF map without FD (was it created?)", from: "libbpf 1.4 and later" },
  ],
};
