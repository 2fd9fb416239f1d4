/** Family: an access that cannot be adapted to the running kernel. */

import type { Family } from "../family.ts";

export const coreRelocationRefused: Family = {
  id: "core-relocation-refused",
  title: "Access cannot be adapted to this kernel",
  class: "environment",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?prog '([^']+)': relo #\d+: insn #\d+ \([^)]+\) (?:accesses field incorrectly|unexpected mem size|invalid new mem size|value too big|has unexpected form)/,
    /^(?:libbpf: )?prog '([^']+)': relo #\d+: (?:unexpected insn #\d+|trying to relocate unrecognized insn|bad insn|unrecognized CO-RE relocation|parsing \[|error matching candidate)/,
    /^(?:libbpf: )?prog '([^']+)': relo #\d+: (?:field offset ambiguity|relocation decision ambiguity): (.+)/,
    /^(?:libbpf: )?prog '([^']+)': relo #\d+: <[^>]+> \(\d+\) relocation doesn't support anonymous types/,
    /^(?:libbpf: )?prog '([^']+)': relo \d+ at insn #\d+ can't be (?:applied to array access|satisfied for bitfield)/,
    /^(?:libbpf: )?prog '([^']+)': relo #\d+: (?:failed to (?:relocate|patch insn #\d+|record relocation)): (.+)/,
    /^(?:libbpf: )?failed to perform CO-RE relocations: (.+)/,
    /^error relocating \S+, multiple candidate target types found with different memory layouts/,
  ],
  meaning: ({ match: { 0: all } }) => {
    if (/ambigu|multiple candidate/.test(all))
      return "The kernel and its modules have several types of that name, with the field at different places.";
    if (/anonymous/.test(all)) return "The type has no name, so that it cannot be looked for in the kernel.";
    if (/bitfield/.test(all)) return "In this kernel the field is some bits of a word, and cannot be read directly.";
    if (/accesses field incorrectly|mem size/.test(all))
      return "In this kernel the field has another size than in the header the program was built with, and a signed number cannot be read wider or narrower without a change of its value.";
    return "A place in the code that depends on the kernel's types could not be adapted.";
  },
  advice:
    "Read it with BPF_CORE_READ() or BPF_CORE_READ_BITFIELD(), which suit every size; give the type a name of its own (a flavour such as struct task_struct___mine) where several are called alike.",
  examples: [
    {
      text: "libbpf: prog 'x': relo #2: insn #5 (LDX/ST/STX) accesses field incorrectly. Make sure you are accessing pointers, unsigned integers, or fields of matching type and size.",
      from: "libbpf 0.2 and later",
    },
    {
      text: "libbpf: prog 'x': relo #2: unexpected insn #5 (ALU/ALU64) value: got 8, exp 16 -> 24",
      from: "libbpf 0.0.6 and later",
    },
    { text: "libbpf: prog 'x': relo #2: field offset ambiguity: 8 != 16", from: "libbpf 0.0.6 and later" },
    {
      text: "libbpf: prog 'x': relo #2: <type_id_target> (7) relocation doesn't support anonymous types",
      from: "libbpf 0.2 and later",
    },
    { text: "libbpf: prog 'x': relo 4 at insn #5 can't be satisfied for bitfield", from: "libbpf 0.0.7 and later" },
    { text: "libbpf: prog 'x': relo #2: failed to relocate: -22", from: "libbpf 0.0.6 and later" },
    { text: "libbpf: failed to perform CO-RE relocations: -22", from: "libbpf 0.0.6 and later" },
    {
      text: "error relocating task_struct, multiple candidate target types found with different memory layouts: [1, 2]",
      from: "aya",
    },
  ],
};
