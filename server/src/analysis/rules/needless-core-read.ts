/** Rule: BPF_CORE_READ() of what the verifier lets the program read as it is. */

import { replace } from "../edits.ts";
import { callsNamed } from "../for-rules/calls.ts";
import { isAlternative } from "../for-rules/guarded.ts";
import { hasRelocatedTypes } from "../kernel-headers.ts";
import { programMeaning } from "../knowledge/loaders.ts";
import type { BpfModel, Call, Param, Program } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

const MACRO = "BPF_CORE_READ";

export const needlessCoreRead: Rule = {
  meta: {
    id: "needless-core-read",
    group: "better ways",
    summary: "BPF_CORE_READ() of what the program may read as it is",
    rationale: `Where the verifier knows the type of an argument, a plain access does what \`BPF_CORE_READ()\` does, without a
helper. In fentry, fexit, LSM and struct_ops programs it knows that of every argument, and of every pointer that is reached
from it: \`file->f_inode->i_ino\` is a plain access. \`BPF_CORE_READ(file, f_inode, i_ino)\` calls \`bpf_probe_read_kernel()\`
for each arrow, which is slower and makes a number of what was a pointer that helpers and kfuncs would have taken. Both are
relocated by the types of \`vmlinux.h\`, and both give 0 where a pointer on the way is bad.

The same goes for a field of a tracepoint program's context, \`ctx->args[0]\`, that is read once.

Nothing is said of arguments that a program shares with a kprobe, of tracepoints by BTF (\`tp_btf\`), some of whose arguments may
be NULL, and of pointers that lead into a union or to an element of an array.`,
    severity: "hint",
    fix: "unsafe",
    bpflint: "core-read",
    examples: [
      {
        bad: `SEC("fentry/vfs_fsync")
int BPF_PROG(on_fsync, struct file *file)
{
	bpf_printk("inode %lu", BPF_CORE_READ(file, f_inode, i_ino));
	return 0;
}`,
        good: `SEC("fentry/vfs_fsync")
int BPF_PROG(on_fsync, struct file *file)
{
	bpf_printk("inode %lu", file->f_inode->i_ino);
	return 0;
}`,
        unshown: "the kernels of some virtual machines let no fentry program in",
      },
      {
        bad: `SEC("tracepoint/syscalls/sys_enter_kill")
int on_kill(struct trace_event_raw_sys_enter *ctx)
{
	bpf_printk("kill %ld", BPF_CORE_READ(ctx, args[0]));
	return 0;
}`,
        good: `SEC("tracepoint/syscalls/sys_enter_kill")
int on_kill(struct trace_event_raw_sys_enter *ctx)
{
	bpf_printk("kill %ld", ctx->args[0]);
	return 0;
}`,
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    const calls = callsNamed(MACRO, model).filter(({ closed, in: fn }) => closed && fn?.section !== undefined);
    // Types that a header spells out without attributes are relocated by the macro alone.
    if (calls.length === 0 || model.redefines(MACRO) || !hasRelocatedTypes(model)) return;
    for (const call of calls) {
      const direct = directAccess(call, ctx);
      if (direct === undefined || isAlternative(call.range, call.in, model)) continue;
      yield {
        range: call.nameRange,
        message: `${direct.why}; ${direct.text} does the same as ${MACRO}()`,
        fixes: [{ title: `Replace with ${direct.text}`, edits: [replace(call.range, direct.text)] }],
      };
    }
  },
};

interface Direct {
  readonly text: string;
  readonly why: string;
}

/** What the call may be written as; undefined where the verifier would not know what is read. */
function directAccess(call: Call, { model, kb, loader }: RuleContext): Direct | undefined {
  const [source, ...steps] = call.args.map(({ text }) => text);
  const program = call.in as Program;
  const param = program.params.find(({ name }) => name === source);
  const meaning = programMeaning(program.section.name ?? "", kb, loader);
  if (source === undefined || param === undefined || meaning === undefined || !isKnownType(param, model))
    return undefined;
  if (isAssigned(source, program, model)) return undefined;
  const text = `${source}->${steps.join("->")}`;
  if (meaning.kind.progType === "BPF_PROG_TYPE_TRACEPOINT")
    return isContextField(steps, param, program) && isReadOnce(steps[0] ?? "", program, model)
      ? { text, why: `a tracepoint program may read its own context` }
      : undefined;
  if (!takesTypedArguments(program, meaning.word) || steps.length === 0 || !steps.every(isPlainField)) return undefined;
  return { text, why: `${meaning.word.replace(/\..*$/, "")} programs may follow pointers by themselves` };
}

/** A structure of the kernel's own, not a flavour of it or one that the file makes up. */
function isKnownType({ type }: Param, model: BpfModel): boolean {
  const name = /^(?:const\s+)?(struct\s+\w+)\s*\*$/.exec(type)?.[1];
  return name !== undefined && !name.includes("___") && model.recordOf(name) === undefined;
}

function isAssigned(name: string, { range }: Program, { code }: BpfModel): boolean {
  return new RegExp(`(?<![.>\\w])${name}\\s*(?:=(?!=)|[-+*/|&]=|\\+\\+|--)`).test(code.textOf(range));
}

/** The members before the event's own, `ent`, may not be read, and those of varying length are found by an offset. */
function isContextField(steps: readonly string[], { name }: Param, { params, macro }: Program): boolean {
  const [field = "", ...more] = steps;
  const isWhole = more.length === 0 && macro === undefined && params[0]?.name === name;
  return isWhole && /^(?!ent\b|__data)[A-Za-z]\w*(?:\[\d+\])?$/.test(field);
}

/**
 * A compiler that needs a field twice keeps its place in a register, and the verifier refuses what it makes of that:
 * `dereference of modified ctx ptr`. The macro keeps the compiler from it.
 */
function isReadOnce(field: string, { range }: Program, { code }: BpfModel): boolean {
  const name = /^\w+/.exec(field)?.[0] ?? "";
  const count = code.textOf(range).match(new RegExp(`\\b${name}\\b`, "g"))?.length;
  return count === 1 && !code.loops().some((loop) => loop.in?.range.start.line === range.start.line);
}

/** Of fentry and its like, of LSM hooks and of struct_ops; behind libbpf's macro, which gives each argument its type. */
function takesTypedArguments({ macro }: Program, word: string): boolean {
  const isTyped = /^(?:fentry|fexit|fmod_ret|lsm|struct_ops)(?:\.s)?$/.test(word);
  return isTyped && macro !== undefined && /^BPF_(?:PROG2?|STRUCT_OPS(?:_SLEEPABLE)?)$/.test(macro);
}

function isPlainField(step: string): boolean {
  return /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/.test(step);
}
