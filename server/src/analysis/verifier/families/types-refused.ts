/** Family: types of the program that the kernel does not take. */

import type { Family } from "../family.ts";

export const typesRefused: Family = {
  id: "types-refused",
  title: "Types of the program are not accepted",
  class: "environment",
  by: "kernel",
  said: [
    /^(?:libbpf: )?Error loading \.BTF into kernel: ([^ .]+)\. (?:BTF is (mandatory|optional)[^.]*)?/,
    /^(?:libbpf: )?BTF loading error: (.+)/,
    /^(?:libbpf: )?[Uu]nsupported BTF_KIND:(\d+)/,
    /^(?:libbpf: )?BTF (?:type \[\d+\]|types data) is malformed/,
    /^the BPF_BTF_LOAD syscall returned (.+?)\. Verifier output/,
    /^\[\d+\] .*(Invalid|Unsupported|Linkage not supported|Member|Loop detected|Max chain length|Exceeded|meta_left|Unexpected|vlen [!=]= 0|size [!=]= 0|type != 0|nr_bits|No type found|Type tags don't precede).*/,
  ],
  meaning: ({ match: { 0: all, 1: what = "" } }) => {
    if (/BTF_KIND/.test(all)) return `The loader does not know types of kind ${what}: they came later than it did.`;
    if (/optional/.test(all))
      return "The kernel does not take the types that came with the program. It may load without them, and its maps and functions then have no names.";
    return "The kernel does not take the types that came with the program: they are of a newer kind than it knows, or the compiler (gcc before 14, pahole) wrote them wrongly.";
  },
  advice:
    "Use a current libbpf, which leaves out what an older kernel does not know; build with clang; keep the last lines of the kernel's answer, they name the type.",
  examples: [
    {
      text: "libbpf: Error loading .BTF into kernel: -22. BTF is mandatory, can't proceed.",
      from: "libbpf 0.0.6 to 1.5",
    },
    {
      text: "libbpf: Error loading .BTF into kernel: -EINVAL. BTF is optional, ignoring.",
      from: "libbpf 1.6 and later",
    },
    { text: "libbpf: BTF loading error: -22", from: "libbpf 0.7 and later" },
    { text: "libbpf: Unsupported BTF_KIND:19", from: "libbpf before 1.6" },
    { text: "libbpf: unsupported BTF_KIND:20", from: "libbpf 1.0 and later" },
    { text: "libbpf: BTF types data is malformed", from: "libbpf 0.5 and later" },
    { text: "the BPF_BTF_LOAD syscall returned Invalid argument (os error 22). Verifier output: ", from: "aya" },
    {
      text: "[1] INT (anon) size=4 bits_offset=0 nr_bits=32 encoding=(none) Unsupported encoding",
      from: "4.18 to 7.2",
    },
  ],
};
