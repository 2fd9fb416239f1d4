/** Family: a kernel function that this kernel does not have. */

import type { Family } from "../family.ts";

export const kfuncNotFound: Family = {
  id: "kfunc-not-found",
  title: "Kernel function is not in this kernel",
  class: "environment",
  by: "verifier",
  said: [
    /^cannot find (?:address for kernel|function) ?(?:function )?(\S+)(?: in BTF)?/,
    /^failed to find BTF for kernel function/,
    /^(?:libbpf: )?kfunc '([^']+)' is referenced but wasn't resolved/,
    /^(?:\d+: )?<invalid kfunc call>/,
    /^invalid func unknown#2002\d{6}\b/,
    /^(?:libbpf: )?extern \(func ksym\) '([^']+)': not found in kernel or module BTFs/,
    /^kernel function '([^']+)' not found in kernel BTF/,
    /^invalid kernel function call not eliminated in verifier pass/,
  ],
  meaning: ({ match }) =>
    `${match[1] === undefined ? "A kernel function (kfunc) that is called here" : `${match[1]}()`} is not in this kernel or in a loaded module of it: the kernel is older, was made without it, or the module that has it is not loaded.`,
  advice:
    "Declare it __weak and ask before the call: if (bpf_ksym_exists(name)) name(…); or load the module; or ask for a later kernel.",
  rules: ["kfunc-not-on-target", "undeclared-kfunc"],
  examples: [
    { text: "libbpf: extern (func ksym) 'bpf_no_such': not found in kernel or module BTFs", from: "libbpf 0.4 to 1.7" },
    { text: "kfunc 'bpf_no_such' is referenced but wasn't resolved", from: "libbpf 1.3 and later" },
    { text: "invalid func unknown#2002000001", from: "libbpf 1.3 and later, on any kernel" },
    { text: "cannot find address for kernel function bpf_gone", from: "5.13 to 7.2" },
    { text: "failed to find BTF for kernel function", from: "5.16 to 7.2" },
    { text: "12: <invalid kfunc call>", from: "libbpf 1.3 and later" },
    { text: "kernel function 'bpf_gone' not found in kernel BTF", from: "aya" },
    { text: "invalid kernel function call not eliminated in verifier pass", from: "5.16 to 7.2" },
  ],
};
