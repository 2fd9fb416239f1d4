/** Rule: a program whose parameter is the context of another kind of program. */

import { replace } from "../edits.ts";
import { contextNames, pointedStruct, REGISTERS } from "../for-rules/context-types.ts";
import { type NamedProgram, namedPrograms } from "../for-rules/section-meaning.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import { familyOf, programMeaning } from "../knowledge/loaders.ts";
import type { BpfFunction, BpfModel, Param } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const wrongContextType: Rule = {
  meta: {
    id: "wrong-context-type",
    group: "sections",
    summary: "A program that takes the context of another kind of program",
    rationale: `What a program is given depends on its section alone: XDP gets a \`struct xdp_md\`, \`tc\` a \`struct
__sk_buff\`, a kprobe the registers. The compiler believes whatever the parameter says, and the fields of the wrong structure
lie at other offsets. With luck the verifier refuses the program with \`invalid bpf_context access\`; without, it reads
something else than its author thinks. A context that is only handed on to helpers does no harm, so then this is a mere hint.`,
    severity: "warning",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("xdp")
int f(struct __sk_buff *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	return data + 14 > data_end ? XDP_DROP : XDP_PASS;
}`,
        good: `SEC("xdp")
int f(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	return data + 14 > data_end ? XDP_DROP : XDP_PASS;
}`,
        refused: { by: "kernel", says: "invalid bpf_context access" },
      },
      {
        bad: `SEC("tc")
int f(struct xdp_md *ctx)
{
	bpf_printk("from interface %u", ctx->ingress_ifindex);
	return 0;
}`,
        good: `SEC("tc")
int f(struct __sk_buff *ctx)
{
	bpf_printk("from interface %u", ctx->ingress_ifindex);
	return 0;
}`,
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model, kb } = ctx;
    // Where the user's command says what a program is, a section is only a name.
    if (familyOf(ctx.loader) === undefined) return;
    let names: ReadonlySet<string> | undefined;
    for (const program of namedPrograms(model)) {
      // The macros make the parameters themselves.
      if (program.macro !== undefined) continue;
      const [param] = program.params;
      const given = param && pointedStruct(param);
      names ??= contextNames(kb);
      if (given === undefined || !names.has(given) || param === undefined || model.redefines(given)) continue;
      const type = programMeaning(program.section.name, kb, ctx.loader)?.kind;
      if (type === undefined) continue;
      const right = rightContexts(type.progType, kb);
      if (right === undefined || right.includes(given)) continue;
      const [expected] = right;
      const uses = usesOf(program, param, model);
      yield {
        range: program.nameRange,
        message: `${program.name}() takes a struct ${given}, but "${program.section.name}" programs get ${expected === undefined ? WORDS.get(type.progType) : `a struct ${expected}`}`,
        ...(uses.fields.length === 0 && uses.by.length === 0 && { severity: "hint" as const }),
        fixes: expected !== undefined && fits(uses, expected, kb) ? typeFix(program, given, expected, model) : [],
      };
    }
  },
};

/** What is right by its kind, best first; empty where no such structure is, undefined where everything may be. */
function rightContexts(progType: string, kb: KnowledgeBase): readonly string[] | undefined {
  const own = kb.programType(progType)?.context;
  // The registers are the first thing in a perf event's context.
  if (own !== undefined) return progType === "BPF_PROG_TYPE_PERF_EVENT" ? [own, REGISTERS] : [own];
  if (progType === "BPF_PROG_TYPE_KPROBE") return [REGISTERS];
  return WORDS.has(progType) ? [] : undefined;
}

/** Kinds of programs whose context is no structure of the uapi, and never one of another kind. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ["BPF_PROG_TYPE_TRACEPOINT", "the fields of the tracepoint"],
  ["BPF_PROG_TYPE_TRACING", "arguments, for BPF_PROG() to unpack"],
  ["BPF_PROG_TYPE_LSM", "arguments, for BPF_PROG() to unpack"],
]);

/** What depends on the type: the fields that are read here, and whoever wants the same structure. */
interface Uses {
  readonly fields: readonly string[];
  /** Names of functions and macros. */
  readonly by: readonly string[];
}

function usesOf(program: NamedProgram, { name, type }: Param, model: BpfModel): Uses {
  const isHere = (fn: BpfFunction | undefined): boolean =>
    fn?.name === program.name && fn.nameRange.start.line === program.nameRange.start.line;
  const fields = model.code
    .accesses(name)
    .filter((access) => isHere(access.in) && access.chain.startsWith("->"))
    .map(({ chain }) => /^->\s*(\w+)/.exec(chain)?.[1] ?? "");
  const wanted = pointedStruct({ name, type });
  const wants = (called: string, n: number): boolean => {
    if (OF_REGISTERS.test(called) || /^(?:BPF_CORE_READ|bpf_core_)/.test(called)) return true;
    const param = model.functions.find((fn) => fn.name === called)?.params[n];
    return param !== undefined && pointedStruct(param) === wanted;
  };
  const by = model.calls
    .filter((call) => isHere(call.in) && call.args.some(({ text }, n) => text === name && wants(call.name, n)))
    .map((call) => call.name);
  return { fields, by };
}

const OF_REGISTERS = /^PT_REGS/;

/** Whether the code says the same of the right structure. */
function fits({ fields, by }: Uses, expected: string, kb: KnowledgeBase): boolean {
  const known = new Set(kb.context(expected)?.fields.map(({ name }) => name));
  if (!fields.every((field) => known.has(field))) return false;
  return by.every((called) => expected === REGISTERS && OF_REGISTERS.test(called));
}

function typeFix({ range, nameRange }: NamedProgram, given: string, expected: string, model: BpfModel): readonly Fix[] {
  const { code } = model;
  const behind = code.textOf({ start: nameRange.end, end: range.end });
  const found = /^\s*\(\s*(?:(?:const|volatile)\s+)*struct\s+/.exec(behind)?.[0];
  if (found === undefined || !behind.startsWith(given, found.length)) return [];
  const start = code.lines.offsetAt(nameRange.end) + found.length;
  const edits = [replace(code.lines.rangeOf({ start, end: start + given.length }), expected)];
  return [{ title: `Change to struct ${expected}`, edits }];
}
