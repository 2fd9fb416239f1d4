/** Family: a kptr that is written like a common pointer. */

import type { Family } from "../family.ts";

export const kptrStore: Family = {
  id: "kptr-store",
  title: "An owning pointer is not assigned",
  class: "source",
  by: "verifier",
  said: [
    /^store to referenced kptr disallowed/,
    /^store to uptr disallowed/,
    /^BPF_ST imm must be 0 when storing to kptr at off=(\d+)/,
    /^invalid kptr access, R(\d+) type=(\S+)/,
  ],
  meaning: ({ match }) => {
    if (match[0].startsWith("invalid"))
      return "The pointer that is stored is not of the type that the field was declared for, or is not one that the program may keep.";
    if (match[0].startsWith("BPF_ST")) return "Only NULL may be stored as a constant.";
    return "The field owns what it points to: writing over it would lose the old object, and count the new one wrongly.";
  },
  advice: "Exchange: old = bpf_kptr_xchg(&value->field, new); and give back old when it is not NULL.",
  rules: ["kept-pointer-misuse"],
  examples: [
    { text: "store to referenced kptr disallowed", from: "5.19 to 7.2" },
    { text: "store to uptr disallowed", from: "6.13 to 7.2" },
    { text: "BPF_ST imm must be 0 when storing to kptr at off=8", from: "5.19 to 7.2" },
    { text: "invalid kptr access, R1 type=ptr_ expected=ptr_task_struct", from: "5.19 to 7.2" },
  ],
};
