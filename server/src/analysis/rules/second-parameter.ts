/** Rule: a program with parameters behind its context, to which the kernel gives nothing. */

import { insertInclude, replace } from "../edits.ts";
import { isForBpf, isForWindows } from "../for-rules/file-kinds.ts";
import { programMeaning } from "../knowledge/loaders.ts";
import type { BpfModel, Program } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import { comparePositions, type Position, type Range } from "../text.ts";

export const secondParameter: Rule = {
  meta: {
    id: "second-parameter",
    group: "paths",
    summary: "Program with more parameters than its context",
    rationale: `The kernel calls a program with one argument, its context; R2 to R5 hold nothing, and the verifier refuses to read them.
Arguments of the function that is probed stand in the context. The macros of \`<bpf/bpf_tracing.h>\` take them out of there and
let a program be written as if it had them: \`BPF_KPROBE\`, \`BPF_UPROBE\`, \`BPF_KSYSCALL\`, \`BPF_PROG\`. Those of a tracepoint are
fields of the structure that its context points to.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("kprobe/vfs_unlink")
int f(struct pt_regs *ctx, void *idmap, struct inode *dir)
{
	return dir != 0;
}`,
        good: `SEC("kprobe/vfs_unlink")
int BPF_KPROBE(f, void *idmap, struct inode *dir)
{
	return dir != 0;
}`,
        refused: { by: "kernel", says: "R3 !read_ok" },
      },
      {
        bad: `unsigned long number;

SEC("fentry/vfs_unlink")
int f(struct mnt_idmap *idmap, struct inode *dir)
{
	number = dir->i_ino;
	return 0;
}`,
        good: `unsigned long number;

SEC("fentry/vfs_unlink")
int BPF_PROG(f, struct mnt_idmap *idmap, struct inode *dir)
{
	number = dir->i_ino;
	return 0;
}`,
        refused: { by: "kernel", says: "R2 !read_ok", on: "6.12" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    if (!isForBpf(model) || isForWindows(model)) return;
    for (const program of model.programs) {
      if (program.macro !== undefined || program.params.length < 2 || mayBeMacro(program)) continue;
      const report = judge(program, ctx);
      if (report !== undefined) yield report;
    }
  },
};

/** `int ON_OPEN(f, code)`: a macro that nobody could read makes a program of this. */
function mayBeMacro({ name, params }: Program): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(name) || params.some((param) => param.name === "");
}

/** Programs that stand in for a function have its parameters. */
const HAS_PARAMETERS = "BPF_PROG_TYPE_EXT";

function judge(program: Program, ctx: RuleContext): Report | undefined {
  const { model, kb, loader } = ctx;
  const { name } = program.section;
  const meaning = name === undefined ? undefined : programMeaning(name, kb, loader);
  if (name === undefined || meaning === undefined || meaning.kind.progType === HAS_PARAMETERS) return undefined;
  const graph = model.routine(program.name)?.graph;
  const read = graph?.variables.find((one) => one.isParameter && one.index > 0 && graph.isLive(graph.entry, one));
  const declared = read && placeOf(read.name, program, model);
  if (read === undefined || declared === undefined) return undefined;
  const fix = fixFor(program, meaning.word, model);
  return {
    range: declared,
    message: `the kernel gives ${program.name}() its context alone, and no ${read.name}: the verifier refuses to read it`,
    ...(fix && { fixes: [fix] }),
  };
}

/** Where the name stands in the list of parameters. */
function placeOf(name: string, { nameRange }: Program, { code }: BpfModel): Range | undefined {
  return code.uses(name).find(({ range }) => comparePositions(nameRange.end, range.start) <= 0)?.range;
}

const MACROS: readonly (readonly [RegExp, string])[] = [
  [/^kprobe/, "BPF_KPROBE"],
  [/^ksyscall/, "BPF_KSYSCALL"],
  [/^uprobe/, "BPF_UPROBE"],
  [/^(?:fentry|fexit|fmod_ret|lsm|tp_btf|struct_ops)/, "BPF_PROG"],
];

/** `int f(struct pt_regs *ctx, …)` becomes `int BPF_KPROBE(f, …)`: the macro brings a context of its own. */
function fixFor(program: Program, word: string, model: BpfModel): Fix | undefined {
  const macro = MACROS.find(([section]) => section.test(word))?.[1];
  const [first, second] = program.params;
  if (macro === undefined || first === undefined || second === undefined) return undefined;
  const open = endOf(model, program.nameRange.end, /^\s*\(\s*/);
  if (open === undefined) return undefined;
  const isContext = first.name === "ctx" || /\bpt_regs\b|unsigned long long|__u64 \*|u64 \*/.test(first.type);
  const after = isContext ? endOf(model, open, /^[^,()]*,\s*/) : open;
  if (after === undefined) return undefined;
  const edit = replace({ start: program.nameRange.start, end: after }, `${macro}(${program.name}, `);
  const isThere = model.includes.length === 0 || model.includes.some(({ path }) => path.endsWith("bpf_tracing.h"));
  return {
    title: `Take the parameters by ${macro}`,
    edits: [...(isThere ? [] : [insertInclude("bpf/bpf_tracing.h", model)]), edit],
  };
}

/** Where a piece of a line ends. */
function endOf({ code: { lines } }: BpfModel, { line, character }: Position, piece: RegExp): Position | undefined {
  const found = piece.exec(lines.textOf(line).slice(character));
  return found === null ? undefined : { line, character: character + found[0].length };
}
