/** Family: a hash that allocates while it runs, in a program that may interrupt the allocator. */

import type { Family } from "../family.ts";

export const mapNotPreallocated: Family = {
  id: "map-not-preallocated",
  title: "This kind of program needs a preallocated hash",
  class: "source",
  by: "verifier",
  said: [
    /^perf_event programs can only use preallocated (?:inner )?hash map/,
    /^trace type programs can only use preallocated hash map/,
    /^trace type programs with run-time allocated hash maps are unsafe/,
  ],
  meaning:
    "The program can run in the middle of the kernel's memory allocator, and before 6.1 a hash with BPF_F_NO_PREALLOC would call that allocator again.",
  advice: "Leave BPF_F_NO_PREALLOC out of the map's map_flags.",
  examples: [
    { text: "perf_event programs can only use preallocated hash map", from: "4.18 to 6.0" },
    { text: "trace type programs can only use preallocated hash map", from: "5.7 to 6.0" },
    {
      text: "trace type programs with run-time allocated hash maps are unsafe. Switch to preallocated hash maps.",
      from: "5.7 to 6.0",
    },
  ],
};
