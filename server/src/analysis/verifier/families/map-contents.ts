/** Family: what a map should hold from the start, and does not. */

import type { Family } from "../family.ts";

export const mapContents: Family = {
  id: "map-contents",
  title: "Map could not be filled",
  class: "environment",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?map '([^']+)': failed to initialize slot \[(\d+)\] to (map|prog) '([^']+)' fd=-?\d+: (.+)/,
    /^(?:libbpf: )?map '([^']+)': failed to (?:set initial contents|freeze as read-only|re-mmap\(\) contents|mmap arena|determine number of system CPUs): (.+)/,
    /^(?:libbpf: )?Error (?:setting initial map\(([^)]+)\) contents|freezing map\(([^)]+)\) as read-only): (.+)/,
    /^(?:libbpf: )?prog '([^']+)': failed to bind (?:map '([^']+)'|\.rodata map): (.+)/,
  ],
  meaning: ({ match }) =>
    match[3] === "prog"
      ? `Entry ${match[2]} of the table ${match[1]} should be the program ${match[4]}, and it is not loaded, or is of another type than the others in the table.`
      : match[3] === "map"
        ? `Entry ${match[2]} of ${match[1]} should be the map ${match[4]}, and that has another type or other sizes than was declared for the inner maps.`
        : "The global variables of the program, or other first contents, could not be written to the map that holds them.",
  advice: ({ match }) =>
    match[3] === "prog"
      ? "Load both, and let them be of one type; a program alone can be tried without the table."
      : "Compare the declarations; on kernels before 5.2 there are no global variables.",
  examples: [
    {
      text: "libbpf: map 'calls': failed to initialize slot [1] to prog 'second' fd=-1: -EBADF",
      from: "libbpf 0.6 and later",
    },
    { text: "libbpf: map 'x.bss': failed to set initial contents: -22", from: "libbpf 1.6 and later" },
    { text: "libbpf: Error setting initial map(x.rodata) contents: Invalid argument", from: "libbpf before 1.6" },
    { text: "libbpf: prog 'x': failed to bind map 'x.rodata': -22", from: "libbpf 0.6 and later" },
  ],
};
