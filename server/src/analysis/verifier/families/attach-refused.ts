/** Family: a program that is loaded, and that the kernel does not attach. */

import type { Family } from "../family.ts";

export const attachRefused: Family = {
  id: "attach-refused",
  title: "Loaded, and not attached",
  class: "environment",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?prog '([^']+)': failed to (?:auto-)?attach: (.+)/,
    /^(?:libbpf: )?prog '([^']+)': failed to attach to (?!raw tracepoint|tracepoint)(\S+(?: \S+)*?): (.+)/,
    /^(?:libbpf: )?(?:prog '([^']+)': )?failed to auto-attach(?: program '([^']+)')?: (.+)/,
    /^(?:libbpf: )?prog '([^']+)': (?:failed to (?:create BPF link for|enable) p\S+ .+|try add PERF_SAMPLE_CALLCHAIN .+|invalid perf event FD .+|user context value is not supported|target netdevice ifindex cannot be zero|only BPF_PROG_TYPE_EXT can attach as freplace|supply none or both of target_fd and attach_func_name|relative_fd and relative_id cannot be set at the same time)/,
    /^(?:.*: )?create (?:raw tracepoint|tracing link|\S+ link): (.+)/,
    /^(?:libbpf: )?map '([^']+)': (?:failed to auto-attach: (.+)|can't attach (?:non-struct_ops map|BPF map without FD .+))/,
    /^(?:libbpf: )?prog '([^']+)': can't attach (?:BPF program w\/?(?:o|ithout) FD .+|before loaded)/,
    /^unknown network interface (\S+)/,
  ],
  meaning: ({ match: { 0: all } }) => {
    if (/-524|ENOTSUPP|not supported/.test(all))
      return "The kernel cannot attach programs of this kind here: fentry, fexit and lsm need its trampolines, which arm64 has since 6.0, and which need CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS.";
    if (/EBUSY|-16\b|Device or resource busy/.test(all)) return "Something else is attached there already.";
    if (/EPERM|-1\b|not permitted/.test(all))
      return "The one who attaches has not the right to: for networks CAP_NET_ADMIN, for tracing CAP_PERFMON, besides CAP_BPF.";
    if (/FD|before loaded/.test(all))
      return "The program is not in the kernel at this moment: it was not loaded, because autoload was switched off or loading failed before.";
    if (/network interface|ifindex/.test(all)) return "There is no such network interface.";
    return "The program is in the kernel, and the place that it is for did not take it.";
  },
  advice: ({ match: { 0: all } }) => {
    if (/-524|ENOTSUPP|not supported/.test(all)) return "Use a kprobe or a tracepoint instead on such kernels.";
    if (/EBUSY|-16\b|busy/.test(all))
      return "Look what is there: bpftool net, bpftool cgroup tree, bpftool link; detach it, or attach beside it where that is possible.";
    return "Check the section and the rights; the loader's return value is the kernel's error number.";
  },
  rules: ["kprobe-where-fentry-fits"],
  examples: [
    { text: "libbpf: prog 'x': failed to attach: ERROR: strerror_r(-524)=22", from: "libbpf before 1.6" },
    { text: "libbpf: prog 'x': failed to attach: -ENOTSUPP", from: "libbpf 1.6 and later" },
    { text: "libbpf: prog 'x': failed to attach to xdp: Device or resource busy", from: "libbpf 0.1 and later" },
    { text: "libbpf: failed to auto-attach program 'x': -524", from: "libbpf before 0.7" },
    { text: "libbpf: prog 'x': failed to enable perf_event FD 7: Invalid argument", from: "libbpf 0.7 and later" },
    { text: "create raw tracepoint: not supported", from: "cilium/ebpf" },
    { text: "libbpf: map 'ops': failed to auto-attach: -EEXIST", from: "libbpf 1.5 and later" },
    { text: "libbpf: prog 'x': can't attach before loaded", from: "libbpf 1.2 and later" },
    { text: "unknown network interface eth7", from: "aya" },
  ],
};
