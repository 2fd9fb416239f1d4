/** Family: a kernel function or variable that is declared otherwise than the kernel has it. */

import type { Family } from "../family.ts";

export const kfuncPrototype: Family = {
  id: "kfunc-prototype",
  title: "Declared otherwise than in this kernel",
  class: "environment",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?extern \(func ksym\) '([^']+)': func_proto \[\d+\] incompatible with (\S+) \[\d+\]/,
    /^(?:libbpf: )?extern \(var ksym\) '([^']+)': incompatible types, expected \[\d+\] (.+), but kernel has \[\d+\] (.+)/,
    /^kernel (?:function|variable) '([^']+)' has incompatible (?:signature|type)/,
  ],
  meaning: ({ match }) =>
    `What the program declares as ${match[1]} is not what this kernel has under that name: number or types of arguments, or the type, differ. Kernel functions change between releases.`,
  advice:
    "Take the declaration of the kernel it must run on (from its vmlinux.h); for several kernels declare flavours, extern … name___old(…) __ksym __weak, and ask with bpf_ksym_exists().",
  examples: [
    {
      text: "libbpf: extern (func ksym) 'bpf_task_acquire': func_proto [12] incompatible with vmlinux [13412]",
      from: "libbpf 1.3 and later",
    },
    {
      text: "libbpf: extern (var ksym) 'bpf_prog_active': incompatible types, expected [9] int, but kernel has [123] struct x",
      from: "libbpf 0.3 and later",
    },
    { text: "kernel function 'bpf_task_acquire' has incompatible signature", from: "aya" },
  ],
};
