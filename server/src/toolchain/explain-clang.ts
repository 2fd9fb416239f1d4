/** What compilers' messages mean for BPF, and what to do: one table of those that people ask about. */

import type { Remedy } from "./problem.ts";

export interface Explanation {
  /** The row of the table, for tests and for scripts. */
  readonly id: string;
  readonly text: string;
  readonly remedy: Remedy;
  /** Rules of the language server that find the same. */
  readonly rules: readonly string[];
}

/** Where a message stands. */
interface Where {
  readonly file: string;
  readonly source: string;
}

interface Row {
  readonly id: string;
  readonly message: RegExp;
  /** Undefined where the message means something else there. */
  readonly text: string | ((found: RegExpExecArray, where: Where) => string | undefined);
  readonly remedy?: Remedy;
  readonly rules?: readonly string[];
}

/** The ids of all rows. */
export const explanationIds = (): readonly string[] => ROWS.map(({ id }) => id);

/** The first row that fits. */
export function explain(message: string, where: Where): Explanation | undefined {
  for (const { id, message: wanted, text, remedy = {}, rules = [] } of ROWS) {
    const found = wanted.exec(message);
    const words = found === null ? undefined : typeof text === "string" ? text : text(found, where);
    if (words !== undefined) return { id, text: words, remedy, rules };
  }
  return undefined;
}

const GENERATE = { command: { id: "hookpoint.generateVmlinux", title: "Generate vmlinux.h" } };
const LIBBPF = { install: "libbpf", setting: "hookpoint.build.libbpf" } as const;

/** Those that people miss most; enums such as XDP_PASS are in vmlinux.h, and other names may be anybody's. */
const KERNEL_MACRO =
  "(?:ETH_[A-Z][A-Z0-9_]*|TC_ACT_[A-Z]+|TASK_COMM_LEN|[AP]F_[A-Z]+[0-9]*|IFNAMSIZ|PATH_MAX|NAME_MAX|NSEC_PER_[A-Z]+|PAGE_(?:SIZE|SHIFT)|LINUX_VERSION_CODE|(?:S_I|O_|SO_|SOL_|CLONE_|PROT_|IP_|IPV6_|TCP_|NF_)[A-Z0-9_]+|E(?:PERM|NOENT|INTR|IO|2BIG|AGAIN|NOMEM|ACCES|FAULT|BUSY|EXIST|INVAL|NOSPC|RANGE|NOSYS|OPNOTSUPP|TIMEDOUT|CONNREFUSED))";

const ROWS: readonly Row[] = [
  {
    id: "vmlinux-missing",
    message: /^(?:'vmlinux\.h' file not found|vmlinux\.h: No such file or directory)$/,
    text: 'vmlinux.h holds the kernel\'s types and is made from a kernel, not installed. Run "eBPF: Generate vmlinux.h" or `hookpoint vmlinux`, or add its folder to the flags with -I.',
    remedy: GENERATE,
  },
  {
    id: "libbpf-missing",
    message:
      /^'?(bpf\/(?:bpf_helpers|bpf_tracing|bpf_core_read|bpf_endian|usdt\.bpf)\.h|bpf_helpers\.h|bpf_tracing\.h|bpf_core_read\.h|bpf_endian\.h)'?(?: file not found|: No such file or directory)$/,
    text: ([, name = ""]) =>
      name.startsWith("bpf/")
        ? "These headers come with libbpf: install its development package (libbpf-dev, libbpf-devel), or name the folder that holds bpf/ in hookpoint.build.libbpf."
        : `libbpf installs this header in the folder bpf: write #include <bpf/${name}>. If it is your own copy, add its folder to the flags with -I.`,
    remedy: LIBBPF,
  },
  {
    id: "multiarch",
    message: /^'?(asm\/[\w-]+\.h)'?(?: file not found|: No such file or directory)$/,
    text: ([, name = ""]) =>
      `A build for BPF does not look into the folder where this system keeps ${name}. Add -idirafter /usr/include/$(uname -m)-linux-gnu to the flags, install the C library's headers (libc6-dev, glibc-devel), or include vmlinux.h in place of the kernel's headers.`,
  },
  {
    id: "libc-header",
    message:
      /^'?((?:gnu\/stubs-32|gnu\/stubs|bits\/[\w-]+|sys\/cdefs)\.h)'?(?: file not found|: No such file or directory)$/,
    text: "A header of the C library is read, and there is no C library in BPF: leave <stdio.h>, <stdlib.h>, <string.h> and the like out. Where a header of the kernel brings it in, as <linux/if.h> and <linux/icmp.h> do, take the types from vmlinux.h in its place, or install the 32-bit part of the C library's headers (libc6-dev-i386, glibc-devel.i686).",
    rules: ["libc-header"],
  },
  {
    id: "kernel-header",
    message: /^'?(linux\/[\w/-]+\.h)'?(?: file not found|: No such file or directory)$/,
    text: ([, name = ""]) =>
      `${name} is none of the headers that the kernel has for programs. Take types from vmlinux.h, and write the constants that it lacks yourself; of those that exist, linux-libc-dev or kernel-headers has them all.`,
  },
  {
    id: "stack-limit",
    message: /^Looks like the BPF stack limit/,
    text: "A BPF function has 512 bytes for its variables. Put the large ones into a per-CPU array with one entry, or write them directly where they go: bpf_ringbuf_reserve() gives memory to fill.",
    rules: ["stack-too-large"],
  },
  {
    id: "floating-point",
    message:
      /A call to built-in function '__(?:(?:add|sub|mul|div|neg|eq|ne|lt|le|gt|ge|unord|extend|trunc|powi)[sdxt]f\w+|float\w+|fix\w+)'/,
    text: "There is no floating point in BPF. Count in whole numbers of a smaller unit.",
    rules: ["floating-point"],
  },
  {
    id: "built-in-call",
    message: /A call to built-in function '(\w+)' is not supported/,
    text: ([, name = ""]) =>
      name === "abort"
        ? "The compiler makes this call where code can only be reached by undefined behaviour: a function that ends without return, a division by zero, __builtin_unreachable(). Give every path a value."
        : `There is no ${name}() to call in BPF. The compiler writes it out when the size is a constant of up to about 1 KB: make the size constant, or write a loop with a constant bound. It also calls ${name}() where it recognises a loop as one; -fno-builtin or a volatile access stops that.`,
    rules: ["libc-call"],
  },
  {
    id: "library-call",
    message: /^call to undeclared library function '(\w+)'|^implicitly declaring library function '(\w+)'/,
    text: ([, name = "", older = ""]) =>
      `There is no C library in BPF. In place of ${name || older}() use the compiler's own, __builtin_${name || older}() with a constant size, where there is one, or a helper: bpf_strncmp(), bpf_printk(), bpf_probe_read_kernel().`,
    rules: ["libc-call"],
  },
  {
    id: "target-arch",
    message:
      /^(?:"|.*\s)?Must specify a BPF target arch via __TARGET_ARCH_xxx|The eBPF is using target specific macros, please provide -target/,
    text: "PT_REGS_PARM1(), BPF_KPROBE() and their like read registers, whose names depend on the processor: add -D__TARGET_ARCH_x86 (or arm64, riscv, s390 …) to the flags, or set hookpoint.arch.",
    remedy: { setting: "hookpoint.arch" },
    rules: ["wrong-target-arch"],
  },
  {
    id: "wrong-arch-registers",
    message: /^no member named '(\w+)' in 'struct (?:pt_regs|user_pt_regs|user_regs_struct)'/,
    text: ([, name = ""]) =>
      `The registers of another processor are meant than those of this header: "${name}" belongs to the one that -D__TARGET_ARCH_… names. Let that, hookpoint.arch and the vmlinux.h agree.`,
    remedy: { setting: "hookpoint.arch" },
    rules: ["wrong-target-arch"],
  },
  {
    id: "too-many-arguments",
    message:
      /^(?:defined with too many args|stack arguments are not supported|too many arguments for (\w+)\(\)|too many args to .*)$/,
    text: "A BPF function takes five arguments at most, since there are five registers for them. Make it static __always_inline, or pass a pointer to a struct.",
    rules: ["too-many-arguments"],
  },
  {
    id: "large-return",
    message: /^(?:only small returns supported|aggregate returns are not supported|unable to allocate function return)/,
    text: "A BPF function returns one register, so no struct. Make it static __always_inline, or have it fill in a struct that it is given a pointer to.",
  },
  {
    id: "variable-arguments",
    message: /^(?:functions with VarArgs or StructRet are not supported|variadic functions are not supported)/,
    text: "A BPF function has neither variable arguments nor a struct as its result: five arguments, and one register that it returns. Make it static __always_inline, or pass a pointer to a struct.",
  },
  {
    id: "stack-allocation",
    message: /^unsupported dynamic stack allocation/i,
    text: "How much stack a BPF function takes must be known when it is built: give arrays a constant size, and clamp the index in place of the length.",
    rules: ["variable-length-array"],
  },
  {
    id: "signed-division",
    message: /^(?:unsupported signed division|Cannot select: .* s(?:div|rem) )/i,
    text: "Instructions for signed division came with kernel 6.6 (-mcpu=v4). Divide unsigned values, or shift.",
    rules: ["signed-division"],
  },
  {
    id: "unknown-flag",
    message:
      /^unknown argument:? '([^']+)'|^unrecognized command-line option '([^']+)'|^unknown warning option '([^']+)'/,
    text: (found) =>
      `This compiler does not know ${found.slice(1).find(Boolean)}, which the flags of the build hold. "eBPF: Show Build Flags" or \`hookpoint build --print-flags\` says where it comes from.`,
  },
  {
    id: "headers-mixed",
    message:
      /^(?:typedef redefinition with different types|redefinition of '|redefinition of enumerator|conflicting types for ')/,
    text: ([said = ""], { file, source }) =>
      file === source && !said.startsWith("typedef")
        ? undefined
        : "vmlinux.h holds all types of the kernel, so the kernel's own headers (<linux/…>, <net/…>) define them again. Include vmlinux.h and libbpf's headers alone, and write the few constants that vmlinux.h lacks yourself.",
    rules: ["vmlinux-mixed"],
  },
  {
    id: "types-before-helpers",
    message: /^unknown type name '(__[us](?:8|16|32|64)|__be(?:16|32|64)|__wsum)'/,
    text: ([, name = ""], { file, source }) =>
      file === source
        ? `${name} comes from vmlinux.h or <linux/types.h>: include one of them.`
        : `libbpf's headers need ${name} to be there: include vmlinux.h, or <linux/bpf.h>, before <bpf/bpf_helpers.h>.`,
    rules: ["vmlinux-not-first", "missing-include"],
  },
  {
    id: "kernel-type-name",
    message: /^(?:unknown type name|use of undeclared identifier) '([us](?:8|16|32|64)|bool|size_t|pid_t)'/,
    text: ([, name = ""]) =>
      `${name} is the kernel's own name, and vmlinux.h has it. With <linux/types.h> in its place, write __${name} for numbers, or include <stdbool.h> or <stddef.h> for bool and size_t.`,
  },
  {
    id: "macro-not-in-vmlinux",
    message: new RegExp(`^(?:use of undeclared identifier '(${KERNEL_MACRO})'|'(${KERNEL_MACRO})' undeclared)`),
    text: (found) =>
      `A #define of the kernel's headers is in no vmlinux.h, which has types and enums only. Write #define ${found[1] ?? found[2]} … yourself (the value is in the kernel's header; hover shows it for many), or include that header in place of vmlinux.h.`,
    rules: ["missing-constant"],
  },
  {
    id: "endian",
    message:
      /(?:call to undeclared function|implicit declaration of function) '(bpf_(?:hton|ntoh|cpu_to_[bl]e|[bl]e\w*_to_cpu)\w*)'/,
    text: ([, name = ""]) => `${name}() is in <bpf/bpf_endian.h>: include it.`,
    rules: ["missing-include"],
  },
  {
    id: "missing-libbpf-include",
    message:
      /(?:call to undeclared function|implicit declaration of function) '((?:BPF_CORE_READ|bpf_core_|BPF_KPROBE|BPF_PROG|BPF_KRETPROBE|PT_REGS_|BPF_PROBE_READ|BPF_USDT|bpf_usdt_)\w*)'/,
    text: ([, name = ""]) => {
      const header = /^(?:BPF_CORE|bpf_core|BPF_PROBE_READ)/.test(name)
        ? "bpf/bpf_core_read.h"
        : /usdt/i.test(name)
          ? "bpf/usdt.bpf.h"
          : "bpf/bpf_tracing.h";
      return `${name}() is a macro of <${header}>: include it.`;
    },
    rules: ["missing-include"],
  },
  {
    id: "undeclared-function",
    message: /(?:call to undeclared function|implicit declaration of function) '(bpf_\w+)'/,
    text: ([, name = ""]) =>
      `${name}() is neither a helper of this libbpf nor declared here. A newer helper needs newer headers of libbpf; a kfunc needs a declaration: extern … ${name}(…) __ksym;`,
    rules: ["undeclared-kfunc"],
  },
  {
    id: "incomplete-kernel-type",
    message:
      /^incomplete definition of type '(?:const |volatile )*struct (\w+)'|^invalid use of undefined type 'struct (\w+)'/,
    text: (found) => {
      const name = found[1] ?? found[2] ?? "";
      return `What is inside struct ${name} is not known here: the headers for programs do not hold the kernel's own types. Include vmlinux.h first, in place of the <linux/…> headers, and read fields with BPF_CORE_READ() or directly where the program type allows.`;
    },
    remedy: GENERATE,
  },
  {
    id: "undefined-size",
    message:
      /^(?:variable has incomplete type|invalid application of 'sizeof' to an incomplete type|field has incomplete type) '?(?:const )?'?struct (\w+)/,
    text: ([, name = ""]) =>
      `How large struct ${name} is cannot be known: it is only declared here. Include vmlinux.h first, or define the struct.`,
    remedy: GENERATE,
  },
  {
    id: "atomic",
    message:
      /^(?:unsupported atomic operation|(?:line \d+: )?Invalid usage of the XADD return value|Cannot select: .*Atomic)/i,
    text: "Kernels before 5.12 can only add atomically, and throw the result away. With -mcpu=v3 the other operations, and their results, are there.",
    rules: ["atomic-on-old-kernel", "narrow-atomic"],
  },
  {
    id: "no-instruction",
    message: /^(?:Cannot select: |unimplemented opcode)/,
    text: "BPF has no instruction for what is written here, and clang no way around it. Write it with whole numbers of 64 bits, and without what only other processors have: return addresses, 128-bit numbers, vectors.",
  },
];
