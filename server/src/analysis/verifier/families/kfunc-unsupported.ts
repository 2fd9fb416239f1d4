/** Family: kernel functions on a kernel that cannot have them called. */

import type { Family } from "../family.ts";

export const kfuncUnsupported: Family = {
  id: "kfunc-unsupported",
  title: "This kernel cannot call kernel functions from BPF",
  class: "environment",
  by: "verifier",
  said: [
    /^JIT does(?:n't| not) support (calling kernel function|calling kfunc \S+|kfunc .+|function .+|arena.*|fsession|bpf-to-bpf calls)/,
    /^JIT is required (?:for|to) (calling kernel function|use arena)/,
    /^calling kernel functions are not allowed in non-JITed programs/,
    /^callbacks are not allowed in non-JITed programs/,
    /^calling kernel function is not supported without CONFIG_DEBUG_INFO_BTF/,
    /^(?:program requires BPF JIT compiler but it is not available|stack args are not supported in non-JITed programs)/,
  ],
  meaning: ({ match }) =>
    match[0].includes("CONFIG_DEBUG_INFO_BTF")
      ? "The kernel was made without its own types (CONFIG_DEBUG_INFO_BTF), and knows its functions only by them."
      : "What the program does here works only in compiled code, and the kernel's compiler for this processor is off, or does not know it.",
  advice: "Switch the compiler on (sysctl net.core.bpf_jit_enable=1), use a later kernel, or a helper instead.",
  examples: [
    { text: "JIT does not support calling kernel function", from: "5.13 to 7.2" },
    { text: "calling kernel function is not supported without CONFIG_DEBUG_INFO_BTF", from: "5.13 to 7.2" },
    { text: "callbacks are not allowed in non-JITed programs", from: "5.13 to 7.2" },
    { text: "JIT is required for calling kernel function", from: "5.13 to 7.2" },
    { text: "calling kernel functions are not allowed in non-JITed programs", from: "5.13 to 7.1" },
    { text: "program requires BPF JIT compiler but it is not available", from: "7.2" },
  ],
};
