/** Family: a structure of functions that is not that of the running kernel. */

import type { Family } from "../family.ts";

export const structOpsMismatch: Family = {
  id: "struct-ops-mismatch",
  title: "Structure differs from the kernel's",
  class: "environment",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?struct_ops init_kern(?: (\w+))?: (?:struct (\w+) (?:data )?is not found in (?:kernel BTF|struct \w+)|Cannot find member (\w+) in kernel BTF)/,
    /^(?:libbpf: )?struct_ops init_kern (\w+): (?:bitfield \w+ is not supported|Unmatched member type .+|Error in size of member .+|failed to resolve the size of member .+|non func ptr \w+ is not supported)/,
    /^(?:libbpf: )?struct_ops init_kern (\w+): (?:member (\w+) is not a struct_ops program|kernel member (\w+) is not a func ptr)/,
    /^(?:libbpf: )?struct_ops init_kern (\w+) func ptr (\w+): invalid reuse of prog (\w+)/,
    /^(?:libbpf: )?struct_ops (?:init|reloc)(?: (\w+))?: .+/,
  ],
  meaning: ({ match: { 0: all, 1: name } }) => {
    const structure = name === undefined ? "The structure" : `struct ${name}`;
    if (all.includes("is not found in"))
      return "The running kernel has no such structure that programs could fill: it came later, or was configured out, or its module is not loaded.";
    if (all.includes("Cannot find member"))
      return `${structure} of this kernel has no member by that name. libbpf skips such a member only when it is zero.`;
    if (all.includes("reuse"))
      return "One program stands for two members of different type; each program can be one of them.";
    return `${structure} in the object and in the running kernel differ in a member, or a member is set to what cannot be passed to the kernel.`;
  },
  advice:
    "Generate vmlinux.h from the kernel that it must run on; set members that only some kernels have from the loader, or declare flavours (struct name___old).",
  examples: [
    {
      text: "libbpf: struct_ops init_kern: struct tcp_congestion_ops is not found in kernel BTF",
      from: "libbpf 0.0.7 and later",
    },
    {
      text: "libbpf: struct_ops init_kern dctcp: Unmatched member type flags 1 != 14(kernel)",
      from: "libbpf 0.0.7 and later",
    },
    {
      text: "libbpf: struct_ops init_kern dctcp: member init is not a struct_ops program",
      from: "libbpf 1.4 and later",
    },
    {
      text: "libbpf: struct_ops init_kern dctcp func ptr init: invalid reuse of prog start in sec struct_ops with type 27: attach_btf_id 1 != kern_type_id 2",
      from: "libbpf 1.4 and later",
    },
    { text: "libbpf: struct_ops reloc dctcp: cannot find member at moff 12", from: "libbpf 0.0.7 and later" },
  ],
};
