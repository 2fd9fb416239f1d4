/** Something that is followed as a pointer, and is of a kind that may not be. */

import type { Family } from "../family.ts";
import { kindInWords } from "../kinds.ts";

export const unusablePointer: Family = {
  id: "unusable-pointer",
  title: "Pointer may not be followed",
  class: "source",
  by: "verifier",
  inGeneral: true,
  said: [/^(R\d+) invalid mem access '([\w?]+)'/],
  meaning: ({ match: [, , kind = ""] }) => `What is read or written here is ${kindInWords(kind)}.${WHY[kind] ?? ""}`,
  advice: ({ match: [, , kind = ""] }) =>
    ADVICE[kind] ??
    "Use the helper or kfunc that is made for such a thing, or copy what is needed with bpf_probe_read_kernel().",
  rules: ["touched-dynptr", "unchecked-packet"],
  examples: [
    { text: "R1 invalid mem access 'pkt_end'", from: "4.18 to 7.2" },
    { text: "R1 invalid mem access 'map_ptr'", from: "4.18 to 7.2" },
    { text: "R2 invalid mem access 'func'", from: "5.13 to 7.2" },
    { text: "R1 invalid mem access 'untrusted_ptr_'", from: "5.19 to 7.2" },
    { text: "R0 invalid mem access 'percpu_ptr_'", from: "5.10 to 7.2" },
  ],
};

const WHY: Readonly<Record<string, string>> = {
  pkt_end: " It is there to be compared with; what it points to is no part of the packet any more.",
  map_ptr: " What is in a map is reached through its entries.",
};

const ADVICE: Readonly<Record<string, string>> = {
  pkt_end: "Follow the pointer that was made of data, after it was compared with data_end.",
  map_ptr: "Look the entry up with bpf_map_lookup_elem(&map, &key), and follow what it gives.",
  percpu_ptr_:
    "Take this processor's with bpf_this_cpu_ptr(), or another's with bpf_per_cpu_ptr(), and follow what they give.",
  func: "Call it, or pass it to a helper that takes a callback.",
};
