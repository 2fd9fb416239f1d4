/** Family: a function, tracepoint or hook that the running kernel does not have. */

import type { Family } from "../family.ts";

export const attachTargetMissing: Family = {
  id: "attach-target-missing",
  title: "This kernel has nothing by that name",
  class: "environment",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?(?:prog '[^']+': )?failed to find kernel BTF type ID of '([^']+)': (\S+)/,
    /^(?:libbpf: )?(\S+) is not found in vmlinux BTF/,
    /^(?:libbpf: )?failed to identify BTF ID based on ELF section name '([^']+)'/,
    /^(?:libbpf: )?prog '[^']+': failed to find BPF program \(FD \S+\) BTF ID for '([^']+)': (\S+)/,
    /^(?:libbpf: )?(?:The target program doesn't have BTF|(\S+) is not found in prog's BTF)/,
  ],
  meaning: ({ match: { 1: name = "it", 2: error = "" } }) =>
    /^-?(?:3|ESRCH|2|ENOENT)\b/.test(error) || error === ""
      ? `The types of this kernel have no ${name} of the kind that the program attaches to: it was renamed or inlined by the compiler (name.isra.0, name.part.0), is in a module that is not loaded, belongs to another processor (__x64_sys_…), or never was in this release.`
      : `Whether ${name} is in the types of this kernel could not be found out (${error}).`,
  advice:
    "Look for it: bpftool btf dump file /sys/kernel/btf/vmlinux | grep NAME. Attach to a tracepoint, or to a neighbouring function that is exported; let the loader try several, with bpf_program__set_autoload().",
  rules: ["unstable-attach-point", "malformed-section-target"],
  examples: [
    { text: "libbpf: prog 'x': failed to find kernel BTF type ID of 'do_execve': -3", from: "libbpf 0.3 to 1.5" },
    {
      text: "libbpf: prog 'x': failed to find kernel BTF type ID of 'do_execve': -ESRCH",
      from: "libbpf 1.6 and later",
    },
    { text: "libbpf: do_execve is not found in vmlinux BTF", from: "libbpf before 0.3, and later" },
    { text: "libbpf: failed to identify BTF ID based on ELF section name 'fentry/'", from: "libbpf before 0.6" },
    {
      text: "libbpf: prog 'x': failed to find BPF program (FD 5) BTF ID for 'parse': -2",
      from: "libbpf 0.3 and later",
    },
    { text: "libbpf: parse is not found in prog's BTF", from: "libbpf 0.0.6 and later" },
  ],
};
