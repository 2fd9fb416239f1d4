/** Rule: a kprobe on the beginning of a function, where a program that gets its arguments with their types could be. */

import { replace } from "../edits.ts";
import { haveKernelTypes } from "../for-rules/newer.ts";
import { type NamedProgram, namedPrograms, renamed } from "../for-rules/section-meaning.ts";
import { isEverywhere } from "../for-rules/verdicts.ts";
import { familyOf } from "../knowledge/loaders.ts";
import { hasSince } from "../knowledge/target.ts";
import type { BpfModel } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const kprobeWhereFentryFits: Rule = {
  meta: {
    id: "kprobe-where-fentry-fits",
    group: "better ways",
    summary: "A kprobe at the beginning of a function, where fentry would do",
    rationale: `Since Linux 5.5 an \`fentry\` program runs at the beginning of a function without the breakpoint of a kprobe.
It costs a few nanoseconds where a kprobe costs some hundred. The verifier knows the types of the arguments, so that
\`file->f_inode->i_ino\` is read without a helper, and libbpf looks the function up when it loads, which tells at once that it is
not there.

It is off because a kprobe has advantages, too: it needs no BTF, works on more processors (fentry came to arm64 in 6.0) and may be
put on functions that BTF does not list. The types of the arguments must be those of the function.`,
    severity: "hint",
    off: true,
    since: "5.5",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("kprobe/vfs_fsync")
int BPF_KPROBE(on_fsync, struct file *file, int datasync)
{
	bpf_printk("fsync %d", datasync);
	return 0;
}`,
        good: `SEC("fentry/vfs_fsync")
int BPF_PROG(on_fsync, struct file *file, int datasync)
{
	bpf_printk("fsync %d", datasync);
	return 0;
}`,
        unshown: "the kernels of some virtual machines let no fentry program in",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const family = familyOf(ctx.loader);
    if ((family !== "libbpf" && family !== "cilium/ebpf") || !haveKernelTypes(ctx) || !hasTrampolines(ctx)) return;
    const programs = namedPrograms(ctx.model);
    for (const program of programs) {
      const target = targetOf(program, programs, ctx.model);
      if (target === undefined || !mayAllBeCalled(program, ctx)) continue;
      const fix = fixFor(program, target, ctx.model);
      yield {
        range: program.section.nameRange,
        message: `"fentry/${target}" runs without a breakpoint, and the verifier knows the types of its arguments`,
        fixes: fix === undefined ? [] : [fix],
      };
    }
  },
};

/** How a program is called there depends on the processor: arch_prepare_bpf_trampoline() of its JIT in the kernel. */
function hasTrampolines({ arch, targets }: RuleContext): boolean {
  if (arch === "" || /^x86/.test(arch)) return true;
  return arch === "arm64" && targets.length > 0 && targets.every((target) => hasSince(target, "6.0"));
}

/** The function of a kprobe that uses nothing but its arguments; none where the file has another way for the same. */
function targetOf(program: NamedProgram, programs: readonly NamedProgram[], model: BpfModel): string | undefined {
  const { section, macro, range, params } = program;
  const target = /^kprobe\/([A-Za-z_]\w*)$/.exec(section.name)?.[1];
  // Wrappers of system calls get registers for arguments.
  if (target === undefined || macro !== "BPF_KPROBE" || /(?:^|_)sys_/.test(target)) return undefined;
  if (programs.some((other) => other !== program && other.section.name.endsWith(`/${target}`))) return undefined;
  if (params.some(({ type }) => /\bpt_regs\b|^(?:void \*|unsigned long)$/.test(type))) return undefined;
  const usesContext = /\bPT_REGS_|\bctx\b/.test(model.code.textOf(range));
  return usesContext || model.code.compiledWhen(section.nameRange).length > 0 ? undefined : target;
}

const KIND = { progType: "BPF_PROG_TYPE_TRACING", attachType: "BPF_TRACE_FENTRY" };

function mayAllBeCalled({ name }: NamedProgram, ctx: RuleContext): boolean {
  const { model, kb } = ctx;
  const reached = model.reaches(name);
  const helpers = model.calls.filter((call) => call.in && reached.has(call.in.name) && kb.helper(call.name));
  return helpers.every((call) => isEverywhere({ kind: "helper", name: call.name, program: KIND }, ctx));
}

function fixFor({ section, range }: NamedProgram, target: string, model: BpfModel): Fix | undefined {
  const { code } = model;
  const renaming = renamed(section, `fentry/${target}`, model);
  const at = /\bBPF_KPROBE(?=\s*\()/.exec(code.textOf(range))?.index;
  if (renaming === undefined || at === undefined) return undefined;
  const start = code.lines.offsetAt(range.start) + at;
  const macro = replace(code.lines.rangeOf({ start, end: start + "BPF_KPROBE".length }), "BPF_PROG");
  return { title: `Change to "fentry/${target}" with BPF_PROG`, edits: [...renaming.edits, macro] };
}
