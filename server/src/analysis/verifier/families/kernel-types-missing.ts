/** Family: a kernel that does not know its own types. */

import type { Family } from "../family.ts";

export const kernelTypesMissing: Family = {
  id: "kernel-types-missing",
  title: "Kernel has no types of its own (BTF)",
  class: "environment",
  by: "kernel",
  said: [
    /^kernel is missing BTF, make sure CONFIG_DEBUG_INFO_BTF=y is specified in Kconfig/,
    /^(?:in-kernel BTF is malformed|btf_vmlinux is malformed)/,
    /^(?:libbpf: )?failed to find valid kernel BTF/,
    /^(?:libbpf: )?kernel BTF is missing at '([^']+)'/,
    /^(?:libbpf: )?(?:vmlinux BTF is not found|Error loading vmlinux BTF: (\S+))/,
    /^(?:libbpf: )?failed to parse target BTF: (\S+)/,
    /^map_ptr access not supported without CONFIG_DEBUG_INFO_BTF/,
    /^typed ksyms require kernel BTF for resolution/,
  ],
  meaning:
    "The program needs the types of the running kernel (/sys/kernel/btf/vmlinux): to adapt to its structures, or to attach to its functions. The kernel was made without them (CONFIG_DEBUG_INFO_BTF), or the loader is too old to read the kinds that are in there.",
  advice:
    "Use a kernel that has them (distributions since about 2021), a current libbpf, or ship reduced types (bpftool gen min_core_btf, BTFHub) and pass them with btf_custom_path. Programs without CO-RE and with kprobes or tracepoints do without.",
  examples: [
    { text: "kernel is missing BTF, make sure CONFIG_DEBUG_INFO_BTF=y is specified in Kconfig.", from: "5.10 to 7.2" },
    { text: "in-kernel BTF is malformed", from: "5.5 to 7.2" },
    { text: "libbpf: failed to find valid kernel BTF", from: "libbpf 0.0.7 and later" },
    {
      text: "libbpf: kernel BTF is missing at '/sys/kernel/btf/vmlinux', was CONFIG_DEBUG_INFO_BTF enabled?",
      from: "libbpf 1.2 and later",
    },
    { text: "libbpf: Error loading vmlinux BTF: -3", from: "libbpf 0.0.6 and later" },
    { text: "libbpf: failed to parse target BTF: -2", from: "libbpf 0.0.6 and later" },
    { text: "map_ptr access not supported without CONFIG_DEBUG_INFO_BTF", from: "5.9 to 7.2" },
    { text: "typed ksyms require kernel BTF for resolution", from: "aya" },
  ],
};
