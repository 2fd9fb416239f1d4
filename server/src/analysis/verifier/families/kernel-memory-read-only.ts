/** A write to a struct of the kernel. */

import type { Family } from "../family.ts";

export const kernelMemoryReadOnly: Family = {
  id: "kernel-memory-read-only",
  title: "Kernel memory may only be read",
  class: "source",
  by: "verifier",
  rules: ["read-only-memory"],
  said: [/^only read is supported$/, /^Writes through BTF pointers are not allowed$/],
  meaning:
    "The program writes through a pointer to a struct of the kernel. Such pointers are for reading; only a few fields may be written, by a few types of program.",
  advice:
    "Change it with a helper or kfunc that is made for it, or keep what you want to remember in a map: task, socket, inode and cgroup storage keep a value for each such object.",
  examples: [
    { text: "only read is supported", from: "5.5 to 7.2" },
    { text: "Writes through BTF pointers are not allowed", from: "5.5 to 6.0, in iterators" },
  ],
};
