/** Family: a section name that says no type of program. */

import type { Family } from "../family.ts";

export const unknownSection: Family = {
  id: "unknown-section",
  title: "Section names no type of program",
  class: "source",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?prog '([^']+)': missing BPF prog type, check ELF section name '([^']+)'/,
    /^(?:libbpf: )?(?:prog '([^']+)': )?failed to guess program type from ELF section '([^']+)'/,
    /^(?:libbpf: )?supported section\(type\) names are:/,
    /^cannot load program (\S+): program type is unspecified/,
    /^invalid program section `([^`]+)`/,
  ],
  meaning: ({ match }) =>
    `The section tells libbpf which type of program this is and what it attaches to, and ${match[2] === undefined ? "this one" : `"${match[2]}"`} is none that it knows: misspelled, freely invented (which worked before libbpf 1.0), or newer than the libbpf that loads it.`,
  advice:
    'Use a section of libbpf\'s list: SEC("xdp"), SEC("tc"), SEC("kprobe/FUNCTION"), SEC("tracepoint/GROUP/NAME") … Several programs may have the same. For a newer type update libbpf, or set the type with bpf_program__set_type().',
  rules: ["unknown-section", "removed-section", "misplaced-question-mark"],
  examples: [
    {
      text: "libbpf: prog 'parse': missing BPF prog type, check ELF section name 'xdp-prog1'",
      from: "libbpf 0.5 and later",
    },
    { text: "libbpf: failed to guess program type from ELF section 'raw_tp'", from: "libbpf before 0.5" },
    { text: "libbpf: supported section(type) names are: socket sk_reuseport", from: "libbpf" },
    { text: "cannot load program parse: program type is unspecified", from: "cilium/ebpf" },
    { text: "invalid program section `parse`", from: "aya" },
  ],
};
