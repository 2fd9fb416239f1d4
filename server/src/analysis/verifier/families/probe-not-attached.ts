/** Family: a kprobe or a uprobe that found no place. */

import type { Family } from "../family.ts";

export const probeNotAttached: Family = {
  id: "probe-not-attached",
  title: "No such function to probe",
  class: "environment",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?prog '([^']+)': failed to create (k|u|kret|uret)probe '([^']+)' perf event: (.+)/,
    /^(?:libbpf: )?failed to add legacy (k|u)probe event for '?([^':]+)[^:]*'?: (.+)/,
    /^(?:libbpf: )?(?:failed to determine legacy (?:k|u)probe event id for .+|legacy (?:k|u)probe perf_event_open\(\) failed: .+|failed to determine \S+ (?:perf type|retprobe bit): .+)/,
    /^(?:libbpf: )?prog '([^']+)': failed to find a unique match for '([^']+)' \((\d+) matches\)/,
    /^(?:libbpf: )?prog '([^']+)': failed to resolve full path for '([^']+)': (.+)/,
    /^(?:libbpf: )?elf: (?:failed to find symbol '([^']+)' in '([^']+)'|'[^']+' is 0 in symtab for '[^']+'|ambiguous match for '[^']+', '[^']+' in '[^']+')/,
    /^(?:.*it's not traceable \(either non-existing, inlined, or marked as "notrace"\))/,
    /^(?:libbpf: )?prog '([^']+)': failed to attach multi-uprobe: (.+)/,
  ],
  meaning: ({ match: { 0: all } }) => {
    if (/uprobe|symtab|in '.+'$|full path/.test(all))
      return "The program or library was not found, or has no such function among its names: it was stripped, inlined, or is called otherwise (C++ and Rust write their names with the types in them).";
    if (/unique match/.test(all)) return "The kernel has several functions by that name, or none.";
    return "The kernel has no such function to probe: it was inlined, renamed by the compiler (name.isra.0), belongs to a module that is not loaded, is excluded (notrace), or the kernel was made without kprobes.";
  },
  advice:
    'Kernel: grep -w NAME /sys/kernel/tracing/available_filter_functions; system calls are called __x64_sys_NAME, for which SEC("ksyscall/NAME") finds the right one. Programs: nm -D FILE | grep NAME.',
  rules: ["unstable-attach-point", "syscall-wrapper"],
  examples: [
    {
      text: "libbpf: prog 'x': failed to create kprobe 'do_x+0x0' perf event: No such file or directory",
      from: "libbpf 0.6 and later",
    },
    {
      text: "libbpf: failed to add legacy kprobe event for 'do_x+0x0': No such file or directory",
      from: "libbpf 0.5 and later",
    },
    { text: "libbpf: legacy kprobe perf_event_open() failed: Invalid argument", from: "libbpf 0.5 and later" },
    { text: "libbpf: prog 'x': failed to find a unique match for 'sys_*' (0 matches)", from: "libbpf 1.3 and later" },
    { text: "libbpf: prog 'x': failed to resolve full path for 'libc.so.6': -ENOENT", from: "libbpf 0.8 and later" },
    { text: "libbpf: elf: failed to find symbol 'SSL_wrote' in '/usr/lib/libssl.so.3'", from: "libbpf 0.8 and later" },
    {
      text: 'cannot attach kprobe, it\'s not traceable (either non-existing, inlined, or marked as "notrace")',
      from: "bcc",
    },
    { text: "libbpf: prog 'x': failed to attach multi-uprobe: -EINVAL", from: "libbpf 1.3 and later" },
  ],
};
