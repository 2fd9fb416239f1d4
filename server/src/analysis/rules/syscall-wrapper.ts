/** Rule: a probe on a system call by the name that one processor's kernel gives to it. */

import { replace } from "../edits.ts";
import { isForGo } from "../for-rules/file-kinds.ts";
import { type NamedProgram, namedPrograms, renamed } from "../for-rules/section-meaning.ts";
import { familyOf } from "../knowledge/loaders.ts";
import type { BpfModel } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import type { TextEdit } from "../text.ts";

export const syscallWrapper: Rule = {
  meta: {
    id: "syscall-wrapper",
    group: "better ways",
    summary: "A probe on a system call by the name that one processor's kernel gives to it",
    rationale: `The function behind a system call has another name on each processor, and \`ksyscall\` finds the right one. It
is \`__x64_sys_unlinkat\`, \`__arm64_sys_unlinkat\`, and on kernels before 4.17 it was \`sys_unlinkat\` everywhere. Where
libbpf reads \`ksyscall/unlinkat\`, it asks the running kernel and puts the right name in its place, so that one object serves
them all.

Where the kernel has such wrappers, they take one argument: a pointer to the registers, in which the arguments of the system
call lie. \`BPF_KPROBE(f, int dfd, const char *name)\` gets that pointer for \`dfd\` and whatever was in the next register for
\`name\`; \`BPF_KSYSCALL\` takes the same list and finds the arguments.`,
    severity: "hint",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("kprobe/__x64_sys_unlinkat")
int BPF_KPROBE_SYSCALL(on_unlinkat, int dfd, const char *path)
{
	bpf_printk("unlinkat %d %s", dfd, path);
	return 0;
}`,
        good: `SEC("ksyscall/unlinkat")
int BPF_KPROBE_SYSCALL(on_unlinkat, int dfd, const char *path)
{
	bpf_printk("unlinkat %d %s", dfd, path);
	return 0;
}`,
      },
      {
        bad: `SEC("kprobe/__arm64_sys_kill")
int BPF_KPROBE(on_kill, int pid, int signal)
{
	bpf_printk("kill %d %d", pid, signal);
	return 0;
}`,
        good: `SEC("ksyscall/kill")
int BPF_KSYSCALL(on_kill, int pid, int signal)
{
	bpf_printk("kill %d %d", pid, signal);
	return 0;
}`,
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    if (familyOf(ctx.loader) !== "libbpf") return;
    const { model } = ctx;
    const probes = namedPrograms(model).flatMap((program) => probeOf(program) ?? []);
    for (const probe of probes) {
      const { program, call, kind, processor } = probe;
      // Several for one call are there to be chosen from.
      if (probes.some((other) => other !== probe && other.call === call && other.kind === kind)) continue;
      // Loaders in Go are told by the user's code what to attach to, or find the right name by themselves.
      if (processor === undefined && (ctx.loader !== "libbpf" || isForGo(model))) continue;
      if (isPutTogether(program, model)) continue;
      yield reportOf(probe, model);
    }
  },
};

/** By a macro, or by `#if`: one that may know the processor. */
function isPutTogether({ section: { name, nameRange } }: NamedProgram, { code }: BpfModel): boolean {
  return code.textOf(nameRange) !== name || code.compiledWhen(nameRange).length > 0;
}

interface Probe {
  readonly program: NamedProgram;
  readonly kind: "kprobe" | "kretprobe";
  /** `__x64_sys_unlinkat` */
  readonly symbol: string;
  /** `unlinkat` */
  readonly call: string;
  /** The kernel's word for the processor; undefined for the name without one. */
  readonly processor: string | undefined;
}

/** Behind a `?` it may be one of several that the user's code chooses from. */
function probeOf(program: NamedProgram): Probe | undefined {
  const match =
    /^(kprobe|kretprobe)\/((?:__(x64|arm64|arm|s390x?|riscv|powerpc|loongarch|mips)_|)sys_([a-z]\w*))$/.exec(
      program.section.name,
    );
  if (match === null || NO_CALLS.has(match[2] ?? "")) return undefined;
  const [, kind, symbol = "", processor, call = ""] = match;
  return { program, kind: kind === "kprobe" ? kind : "kretprobe", symbol, call, processor };
}

/** Functions of the kernel that only sound like system calls. */
const NO_CALLS = new Set(["sys_fillrect", "sys_copyarea", "sys_imageblit", "sys_ni_syscall"]);

function reportOf(probe: Probe, model: BpfModel): Report {
  const { program, symbol, call } = probe;
  const section = sectionFor(probe);
  const isMistaken = probe.processor !== undefined && takesArguments(probe);
  const why = isMistaken
    ? `${symbol}() takes one struct pt_regs *, not the arguments of ${call}(); ${section} with BPF_KSYSCALL finds them`
    : probe.processor === undefined
      ? `kernels of most processors have no function ${symbol} (x86: __x64_${symbol}); ${section} finds ${call}() on all`
      : `only kernels for ${WORDS.get(probe.processor) ?? probe.processor} have a function ${symbol}; ${section} finds ${call}() on all processors`;
  const fix = fixFor(probe, model);
  return {
    range: program.section.nameRange,
    message: why,
    ...(isMistaken && { severity: "warning" }),
    fixes: fix === undefined ? [] : [fix],
  };
}

const WORDS: ReadonlyMap<string, string> = new Map([["x64", "x86-64"]]);

function sectionFor({ kind, call }: Probe): string {
  return `${kind === "kprobe" ? "ksyscall" : "kretsyscall"}/${call}`;
}

/** Whether the program takes the function's arguments for those of the system call. */
function takesArguments({ program: { macro, params }, kind }: Probe): boolean {
  if (macro !== "BPF_KPROBE" || kind !== "kprobe" || params.length === 0) return false;
  const [first] = params;
  const mayBeRegisters = /\b(?:pt_regs|void)\s*\*|^(?:unsigned long|(?:__)?u64|uint64_t)$/.test(first?.type ?? "");
  return params.length > 1 || !mayBeRegisters;
}

function fixFor(probe: Probe, model: BpfModel): Fix | undefined {
  const { program, kind, processor } = probe;
  const { macro, section } = program;
  const renaming = renamed(section, sectionFor(probe), model);
  if (renaming === undefined) return undefined;
  if (macro === "BPF_KPROBE" && (takesArguments(probe) || (processor === undefined && program.params.length > 0))) {
    const unpacking = withMacro(program, model);
    return unpacking && { title: `${renaming.title} with BPF_KSYSCALL`, edits: [...renaming.edits, unpacking] };
  }
  if (processor !== undefined || kind === "kretprobe" || /SYSCALL$/.test(macro ?? ""))
    return { ...renaming, safety: "safe" };
  // It reads the arguments from its own registers, where a wrapper does not have them.
  return /\bPT_REGS_PARM|\bctx\b\s*->/.test(model.code.textOf(program.range)) ? undefined : renaming;
}

function withMacro({ range }: NamedProgram, { code }: BpfModel): TextEdit | undefined {
  const at = /\bBPF_KPROBE(?=\s*\()/.exec(code.textOf(range))?.index;
  if (at === undefined) return undefined;
  const start = code.lines.offsetAt(range.start) + at;
  return replace(code.lines.rangeOf({ start, end: start + "BPF_KPROBE".length }), "BPF_KSYSCALL");
}
