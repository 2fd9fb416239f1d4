/** Family: a file that is no BPF object. */

import type { Family } from "../family.ts";

export const objectFile: Family = {
  id: "object-file",
  title: "Not a BPF object that libbpf can read",
  class: "environment",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?elf: (?:failed to open|could not read elf) (.+?): (.+)/,
    /^(?:libbpf: )?elf: '?([^']+?)'? is not a (?:proper ELF object|64-bit ELF object|valid eBPF object file)/,
    /^(?:libbpf: )?elf: (?:'[^']+' has unknown byte order|endianness mismatch in .+|couldn't find symbol table in .+|symbol strings section missing or invalid in .+|multiple symbol tables in .+|failed to get (?!\S+ map definitions).+|init internal error)/,
    /^(?:libbpf: )?object '([^']+)': loading non-native endianness is unsupported/,
    /^(?:libbpf: )?object file doesn't contain bpf program/,
    /^(?:libbpf: )?(?:invalid (?:license|kver) section in (.+)|Error loading ELF section (\S+): .+|sec '[^']+': (?:corrupted program|program at offset|failed to get symbol name|failed to find (?:a BPF )?program).+)/,
    /^(?:Error: )?failed to open (?:BPF )?object file(?:: (.+))?$/,
    /^error parsing ELF data/,
  ],
  meaning: ({ match: { 0: all } }) => {
    if (/endianness|byte order/.test(all))
      return "The object was built for a machine that orders its bytes the other way round.";
    if (/symbol table|symbol strings/.test(all)) return "The object has no names left: it was stripped wholly.";
    if (/No such file|-2$|ENOENT/.test(all)) return "There is no such file.";
    return "The file is not an object that was made with -target bpf, or it is damaged.";
  },
  advice:
    "Build it with clang -g -O2 -target bpf -c; strip with llvm-strip -g only; use -target bpfel or bpfeb for a machine of the other byte order.",
  examples: [
    { text: "libbpf: elf: failed to open x.o: No such file or directory", from: "libbpf 0.2 and later" },
    { text: "libbpf: elf: x.o is not a valid eBPF object file", from: "libbpf 0.2 and later" },
    { text: "libbpf: elf: couldn't find symbol table in x.o, stripped object file?", from: "libbpf 0.2 and later" },
    { text: "libbpf: object 'x': loading non-native endianness is unsupported", from: "libbpf 1.5 and later" },
    { text: "libbpf: object file doesn't contain bpf program", from: "libbpf before 1.0" },
    { text: "libbpf: invalid license section in x.o", from: "libbpf" },
    { text: "Error: failed to open object file", from: "bpftool" },
    { text: "error parsing ELF data", from: "aya" },
  ],
};
