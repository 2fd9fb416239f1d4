/** Family: a variable of the kernel that the running one does not have. */

import type { Family } from "../family.ts";

export const kernelSymbol: Family = {
  id: "kernel-symbol",
  title: "Kernel variable is not in this kernel",
  class: "environment",
  by: "verifier",
  said: [
    /^ldimm64 failed to find the address for kernel symbol '([^']+)'/,
    /^(?:ldimm64 )?(?:unable to resolve the size of type '([^']+)': -?\d+)/,
    /^pseudo btf_id \d+ in ldimm64 isn't KIND_VAR/,
    /^ldimm64 insn specifies invalid btf_id \d+/,
    /^(?:libbpf: )?extern \((?:var )?ksym\) '([^']+)': (?:not found in kernel BTF|failed to find BTF ID in vmlinux BTF)/,
    /^(?:libbpf: )?extern '?([^' ]+)'? \(strong\):? not resolved/,
    /^(?:libbpf: )?extern \(ksym\) '([^']+)':? resolution is ambiguous/,
    /^(?:kernel variable '([^']+)' not found|strong extern `([^`]+)` not resolvable)/,
  ],
  meaning: ({ match: { 0: all, 1: name = "What is declared extern" } }) =>
    all.includes("ambiguous")
      ? `The kernel has more than one ${name}, at different addresses.`
      : `${name === "What is declared extern" ? name : `The variable ${name}`} is not in this kernel, or not where BPF can see it: only variables for each processor, and those that the kernel's types list, can be had with their type.`,
  advice:
    "Declare it __weak and test its address: if (&name) …; without a type (extern const void name __ksym) only /proc/kallsyms must have it.",
  examples: [
    { text: "ldimm64 failed to find the address for kernel symbol 'runqueues'.", from: "5.10 to 7.2" },
    { text: "ldimm64 unable to resolve the size of type 'rq': -22", from: "5.10 to 7.2" },
    { text: "pseudo btf_id 12 in ldimm64 isn't KIND_VAR.", from: "5.10 to 6.3" },
    { text: "pseudo btf_id 12 in ldimm64 isn't KIND_VAR or KIND_FUNC", from: "6.4 to 7.2" },
    { text: "ldimm64 insn specifies invalid btf_id 12.", from: "5.10 to 7.2" },
    { text: "libbpf: extern (var ksym) 'no_such': not found in kernel BTF", from: "libbpf 0.3 and later" },
    { text: "libbpf: extern 'no_such' (strong): not resolved", from: "libbpf 1.1 and later" },
    { text: "libbpf: extern no_such (strong) not resolved", from: "libbpf 0.2 to 0.7" },
    { text: "libbpf: extern (ksym) 'x': resolution is ambiguous: 0xffff or 0xfffe", from: "libbpf 0.2 and later" },
    { text: "kernel variable 'no_such' not found", from: "aya" },
  ],
};
