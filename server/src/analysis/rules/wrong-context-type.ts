/** Rule: a program whose parameter is the context of another kind of program. */

import { contextNames, pointedStruct, REGISTERS } from "../context-types.ts";
import { replace } from "../edits.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import type { BpfFunction, BpfModel, Param } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import { type NamedProgram, namedPrograms, programTypeOf } from "../section-meaning.ts";

export const wrongContextType: Rule = {
  meta: {
    id: "wrong-context-type",
    group: "sections",
    summary: "A program that takes the context of another kind of program",
    rationale: `What a program is given depends on its section alone: XDP gets a \`struct xdp_md\`, \`tc\` a \`struct __sk_buff\`, a kprobe
the registers. The compiler believes whatever the parameter says, and the fields of the wrong structure lie at other offsets.
With luck the verifier refuses the program with \`invalid bpf_context access\`; without, it reads something else than its author
thinks. A context that is only handed on to helpers does no harm, so then this is a mere hint.`,
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
    let names: ReadonlySet<string> | undefined;
    for (const program of namedPrograms(model)) {
      // The macros make the parameters themselves.
      if (program.macro !== undefined) continue;
      const [param] = program.params;
      const given = param && pointedStruct(param);
      names ??= contextNames(kb);
      if (given === undefined || !names.has(given) || param === undefined || model.redefines(given)) continue;
      const type = programTypeOf(program.section.name, ctx);
      if (type === undefined) continue;
      const right = rightContexts(type.progType, kb);
      if (right === undefined || right.includes(given)) continue;
      const [expected] = right;
      yield {
        range: program.nameRange,
        message: `${program.name}() takes a struct ${given}, but programs in "${program.section.name}" are given ${expected === undefined ? WORDS.get(type.progType) : `a struct ${expected}`}`,
        ...(!usesFields(program, param, model) && { severity: "hint" as const }),
        fixes: expected === undefined ? [] : typeFix(program, given, expected, model),
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
  ["BPF_PROG_TYPE_TRACING", "the arguments of what they trace; BPF_PROG() unpacks them"],
  ["BPF_PROG_TYPE_LSM", "the arguments of the hook; BPF_PROG() unpacks them"],
]);

/** Whether anything depends on the type: the fields are read here, or by a function that wants the same structure. */
function usesFields(program: NamedProgram, { name, type }: Param, model: BpfModel): boolean {
  const isHere = (fn: BpfFunction | undefined): boolean =>
    fn?.name === program.name && fn.nameRange.start.line === program.nameRange.start.line;
  if (model.code.accesses(name).some((access) => isHere(access.in) && access.chain.startsWith("->"))) return true;
  const wanted = pointedStruct({ name, type });
  const wants = (called: string, n: number): boolean => {
    if (/^(?:PT_REGS|BPF_CORE_READ|bpf_core_)/.test(called)) return true;
    const param = model.functions.find((fn) => fn.name === called)?.params[n];
    return param !== undefined && pointedStruct(param) === wanted;
  };
  return model.calls.some(
    (call) => isHere(call.in) && call.args.some(({ text }, n) => text === name && wants(call.name, n)),
  );
}

function typeFix({ range, nameRange }: NamedProgram, given: string, expected: string, model: BpfModel): readonly Fix[] {
  const { code } = model;
  const behind = code.textOf({ start: nameRange.end, end: range.end });
  const found = /^\s*\(\s*(?:(?:const|volatile)\s+)*struct\s+/.exec(behind)?.[0];
  if (found === undefined || !behind.startsWith(given, found.length)) return [];
  const start = code.lines.offsetAt(nameRange.end) + found.length;
  const edits = [replace(code.lines.rangeOf({ start, end: start + given.length }), expected)];
  return [{ title: `Take a struct ${expected}`, edits }];
}
