/** A write to memory that may only be read. */

import type { Family } from "../family.ts";
import { kindInWords } from "../kinds.ts";
import { resultOf } from "../registers.ts";

export const readOnlyMemory: Family = {
  id: "read-only-memory",
  title: "Memory may only be read",
  class: "source",
  by: "verifier",
  rules: ["read-only-memory"],
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
    const kind = kindInWords(second);
    return `The program writes through ${kind}${kind.includes("read-only") ? "" : ", which may only be read"}.`;
  },
  advice: (found) => {
    const [whole, register = ""] = found.match;
    if (whole.startsWith("only read"))
      return "Change entries with bpf_map_update_elem(), or through the pointer that bpf_map_lookup_elem() gives.";
    if (resultOf(found, register)?.callee === "bpf_dynptr_slice")
      return "Take it with bpf_dynptr_slice_rdwr(), in a program that may change packets; or copy it to the stack and change the copy.";
    return "Copy it to the stack or into a map and change the copy. If it was meant to be changed, use the helper or kfunc that does it.";
  },
  examples: [
    { text: "R0 cannot write into rdonly_mem", from: "5.17 to 7.2" },
    { text: "R1 cannot write into sock", from: "5.1 to 7.2" },
    { text: "R1 cannot write into ptr_task_struct at off=0 size=4", from: "7.2" },
    { text: "only read from bpf_htab is supported", from: "5.8 to 7.2" },
    { text: "bpf_get_current_comm() may write into memory pointed by R1 type=rdonly_mem", from: "6.4 to 7.2" },
  ],
};
