/** A write to memory that may only be read. */

import type { Family } from "../family.ts";
import { kindInWords } from "../kinds.ts";

export const readOnlyMemory: Family = {
  id: "read-only-memory",
  title: "Memory may only be read",
  class: "source",
  by: "verifier",
  said: [
    /^(R\d+) cannot write into (\w+)(?: at off=-?\d+ size=\d+)?$/,
    /^only read from (\w+) is supported$/,
    /^(\w+)\(\) may write into memory pointed by (R\d+) type=(\w+)/,
  ],
  meaning: ({ match }) => {
    const [whole, first = "", second = "", third = ""] = match;
    if (whole.startsWith("only read"))
      return `The map itself is written (struct ${first} in the kernel), not a value in it. Of a map only what describes it can be read directly.`;
    if (third !== "")
      return `${first}() may write into the memory that it is given, and this is ${kindInWords(third)}, which may only be read.`;
    return `The program writes through ${kindInWords(second)}, which may only be read.`;
  },
  advice: ({ match }) =>
    match[0].startsWith("only read")
      ? "Change entries with bpf_map_update_elem(), or through the pointer that bpf_map_lookup_elem() gives."
      : "Copy it to the stack or into a map and change the copy. If it was meant to be changed, use the helper or kfunc that does it.",
  examples: [
    { text: "R0 cannot write into rdonly_mem", from: "5.17 to 7.2" },
    { text: "R1 cannot write into sock", from: "5.1 to 7.2" },
    { text: "R1 cannot write into ptr_task_struct at off=0 size=4", from: "7.2" },
    { text: "only read from bpf_htab is supported", from: "5.8 to 7.2" },
    { text: "bpf_get_current_comm() may write into memory pointed by R1 type=rdonly_mem", from: "6.4 to 7.2" },
  ],
};
