/** Family: a function that is called and is nowhere. */

import type { Family } from "../family.ts";

export const undefinedFunction: Family = {
  id: "undefined-function",
  title: "Function is nowhere defined",
  class: "source",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?failed to find BTF for extern '([^']+)'(?: \[\d+\] section)?: (-?\d+)/,
    /^(?:libbpf: )?extern function (\S+) is unsupported under (\S+) section/,
    /^(?:libbpf: )?prog '[^']+': bad call relo against '([^']+)' (?:in section '[^']*'|at offset \d+)/,
    /^(?:libbpf: )?(?:prog '[^']+': )?(?:no \.text section found yet sub-program call exists|bad subprog addr relo against '([^']+)' at offset \S+|incorrect bpf_call opcode|missing subprog addr relo for insn #\d+)/,
    /^(?:libbpf: )?prog '[^']+': extern relo failed to find extern for '([^']+)'/,
    /^(?:libbpf: )?failed to find extern definition for BTF (?:var )?(?:\S+ )?'([^']+)'/,
    /^(?:libbpf: )?extern '([^']+)': unrecognized extern kind/,
    /^(?:libbpf: )?unrecognized extern section '([^']+)'/,
    /^(?:function not found|extern `([^`]+)` not found)/,
  ],
  meaning: ({ match: { 1: name } }) =>
    `${name === undefined || name === "" ? "A function" : name} is used and not in this object: a function of the C library (memcmp, strlen, printf), one of another source file that was not linked, a macro whose header is missing, such as PT_REGS_PARM1 without -D__TARGET_ARCH_x86, or one that the compiler made a call of itself, such as memset of a large size.`,
  advice:
    "Use what is there for BPF: __builtin_memset() and __builtin_memcpy() with a constant size, bpf_strncmp(), a loop; include bpf/bpf_tracing.h and define the target; declare functions of the kernel __ksym; put objects together with bpftool gen object.",
  rules: ["libc-call", "wrong-target-arch", "undeclared-kfunc"],
  examples: [
    { text: "libbpf: failed to find BTF for extern 'memcmp': -3", from: "libbpf 0.2 and later" },
    { text: "libbpf: extern function f is unsupported under .kconfig section", from: "libbpf 0.4 and later" },
    { text: "libbpf: prog 'x': bad call relo against 'memcmp' in section ''", from: "libbpf 0.2 and later" },
    { text: "libbpf: prog 'x': no .text section found yet sub-program call exists", from: "libbpf 0.2 and later" },
    { text: "libbpf: prog 'x': extern relo failed to find extern for 'y' (4)", from: "libbpf 0.2 and later" },
    { text: "libbpf: failed to find extern definition for BTF var 'y'", from: "libbpf 0.4 and later" },
    { text: "libbpf: extern 'y': unrecognized extern kind", from: "libbpf 1.3 and later" },
    { text: "libbpf: unrecognized extern section '.text'", from: "libbpf 0.2 and later" },
    { text: "extern `memcmp` not found", from: "aya" },
  ],
};
