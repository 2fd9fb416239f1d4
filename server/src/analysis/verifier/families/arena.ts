/** Family: memory of an arena, used without one or not as the kernel can. */

import type { Family } from "../family.ts";

export const arena: Family = {
  id: "arena",
  title: "Arena is not there, or not usable",
  class: "source",
  by: "verifier",
  said: [
    /^addr_space_cast insn can only (?:be used in a program that has an associated arena|convert between address space 1 and 0)/,
    /^arena's user address must be set via map_extra or mmap\(\)/,
    /^(?:R\d+|\S+) is not a pointer to arena or scalar/,
    /^sign extending loads from arena are not supported yet/,
    /^Only one arena per program/,
    /^(?:libbpf: )?(?:map '([^']+)': )?only single ARENA map is supported/,
    /^(?:libbpf: )?elf: sec '[^']+': (?:declared ARENA map size|to use global __arena variables the ARENA map)/,
    /^(?:libbpf: )?prog '[^']+': bad arena data relocation at insn \d+, no arena maps defined/,
  ],
  meaning: ({ match: { 0: all } }) => {
    if (/one arena|single ARENA/.test(all)) return "A program, and with libbpf an object, can have one arena.";
    if (all.includes("declared ARENA")) return "The arena has fewer pages than the global variables in it need.";
    if (/associated|no arena maps|to use global/.test(all))
      return "The program uses memory of an arena (pointers or variables with __arena), and no map of type BPF_MAP_TYPE_ARENA belongs to it.";
    return "The kernel cannot use the arena in this way.";
  },
  advice:
    "Declare one BPF_MAP_TYPE_ARENA map with BPF_F_MMAPABLE and as many pages as needed in max_entries, and mention it in the program, if only by its address.",
  rules: ["several-arenas"],
  examples: [
    { text: "addr_space_cast insn can only be used in a program that has an associated arena", from: "6.9 to 7.2" },
    { text: "arena's user address must be set via map_extra or mmap()", from: "6.9 to 7.2" },
    { text: "R1 is not a pointer to arena or scalar.", from: "6.9 to 7.1" },
    { text: "sign extending loads from arena are not supported yet", from: "6.9 to 7.2" },
    { text: "Only one arena per program", from: "6.9 to 7.2" },
    {
      text: "libbpf: map 'b': only single ARENA map is supported (map 'a' is also ARENA)",
      from: "libbpf 1.4 and later",
    },
    {
      text: "libbpf: elf: sec '.addr_space.1': to use global __arena variables the ARENA map should be explicitly declared in SEC(\".maps\")",
      from: "libbpf 1.4 and later",
    },
    {
      text: "libbpf: prog 'x': bad arena data relocation at insn 4, no arena maps defined",
      from: "libbpf 1.4 and later",
    },
  ],
};
