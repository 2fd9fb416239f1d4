/** Rule: registers read by CO-RE by names that only programs of user space know them by. */

import { isHeader } from "../for-rules/file-kinds.ts";
import { isGenerated } from "../kernel-headers.ts";
import type { BpfModel } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";
import type { Range } from "../text.ts";

export const registersWithoutVmlinux: Rule = {
  meta: {
    id: "registers-without-vmlinux",
    group: "toolchain",
    summary: "PT_REGS_…_CORE or BPF_KSYSCALL with <linux/ptrace.h>, which no x86 kernel takes",
    rationale: `On x86, \`<linux/ptrace.h>\` calls the first argument's register \`rdi\`, and the kernel calls it \`di\`.
CO-RE looks for the field in the types of the running kernel by its name, finds none, and leaves an instruction that the verifier
refuses: \`<invalid CO-RE relocation>\`, \`failed to resolve CO-RE relocation <byte_off> struct pt_regs.rdi\`.
\`PT_REGS_PARM1_CORE(ctx)\` and its like read so, and so does \`BPF_KSYSCALL\` for each argument that it is given.
With \`vmlinux.h\`, libbpf's macros use the kernel's names. Where the registers are the program's own context,
\`PT_REGS_PARM1(ctx)\` without \`_CORE\` needs no CO-RE at all.

It is a warning where the setting \`hookpoint.arch\` is empty, since other architectures have the same names in both places.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

SEC("ksyscall/openat")
int BPF_KSYSCALL(f, int dfd, const char *path)
{
	return dfd == 3;
}

char LICENSE[] SEC("license") = "GPL";`,
        good: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

SEC("ksyscall/openat")
int BPF_KSYSCALL(f, int dfd, const char *path)
{
	return dfd == 3;
}

char LICENSE[] SEC("license") = "GPL";`,
        unshown: "libbpf chooses by a probe which way arguments are read, and a kernel without kprobes fails it",
      },
      {
        bad: `#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

SEC("kprobe/do_unlinkat")
int f(struct pt_regs *ctx)
{
	return PT_REGS_PARM1_CORE(ctx) == 3;
}

char LICENSE[] SEC("license") = "GPL";`,
        good: `#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("kprobe/do_unlinkat")
int f(struct pt_regs *ctx)
{
	return PT_REGS_PARM1(ctx) == 3;
}

char LICENSE[] SEC("license") = "GPL";`,
        refused: { by: "kernel", says: "pt_regs" },
      },
    ],
  },

  *check({ model, arch }: RuleContext): Iterable<Report> {
    if (!/^(?:x86(?:_64)?)?$/.test(arch) || model.programs.length === 0 || isHeader(model)) return;
    const header = model.includes.find(({ path }) => REGISTERS.test(path));
    // What is not followed may bring the kernel's types.
    if (header === undefined || model.included().some((path) => isGenerated(path))) return;
    if (!model.includesOnly(KNOWN) || usesKernelNames(model)) return;
    for (const { name, range } of reads(model)) {
      yield {
        range,
        message: `${name} reads registers by names that no x86 kernel knows, those of <${header.path}>: include vmlinux.h`,
        ...(arch === "" ? { severity: "warning" as const } : {}),
        fixes: [],
      };
    }
  },
};

const REGISTERS = /^(?:linux|asm)\/ptrace\.h$/;

/** Headers that bring no `struct pt_regs` of the kernel's. */
const KNOWN =
  /^(?:linux\/\w+\.h|asm\/\w+\.h|asm-generic\/[\w-]+\.h|(?:bpf\/)?(?:bpf_(?:helpers|helper_defs|tracing|core_read|endian)|usdt\.bpf)\.h|(?:errno|limits|std(?:bool|arg|def|int)|string)\.h)$/;

/** Either makes libbpf's macros use the kernel's names; who has a struct of the kernel's own shape has seen to it. */
function usesKernelNames({ code }: BpfModel): boolean {
  return code.has(/#[ \t]*define[ \t]+(?:__KERNEL__|__VMLINUX_H__|__TARGET_ARCH_(?!x86\b))|\bstruct[ \t]+pt_regs\s*\{/);
}

function* reads({ functions, calls }: BpfModel): Iterable<{ readonly name: string; readonly range: Range }> {
  for (const { macro, nameRange, params } of functions)
    if (macro !== undefined && /^BPF_(?:KSYSCALL|KPROBE_SYSCALL)$/.test(macro) && params.length > 0)
      yield { name: macro, range: nameRange };
  for (const { name, nameRange } of calls)
    if (/^PT_REGS_\w+_CORE(?:_SYSCALL)?$/.test(name)) yield { name, range: nameRange };
}
