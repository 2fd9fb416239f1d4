/** Rule: a freplace program that cannot take the place of the function it names. */

import { type CType, nameOf, numberType, readType, UNKNOWN } from "../flow/ctypes.ts";
import type { Routine } from "../flow/routine.ts";
import { tailOf } from "../for-rules/on-targets.ts";
import { knownPrograms } from "../for-rules/runs.ts";
import type { BpfModel, Param, Program } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const replacementMismatch: Rule = {
  meta: {
    id: "replacement-mismatch",
    group: "calls",
    summary: "A freplace program that does not fit the function it replaces",
    rationale: `A \`freplace\` program takes the place of a function of another program only with the very arguments and result of that.
The verifier compares how many there are, how large numbers are, and the names of the structures that pointers lead to. The
function must be global: a \`static\` one was looked at together with its callers. Only where the file, or a header of it, has a
function of the name behind \`freplace/\` is anything said.`,
    severity: "warning",
    fix: "none",
    examples: [
      {
        bad: `__noinline int decide(struct xdp_md *ctx, int length)
{
	return length > 100 ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int entry(struct xdp_md *ctx)
{
	return decide(ctx, ctx->data_end - ctx->data);
}

SEC("freplace/decide")
int drop(struct xdp_md *ctx)
{
	return XDP_DROP;
}`,
        good: `__noinline int decide(struct xdp_md *ctx, int length)
{
	return length > 100 ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int entry(struct xdp_md *ctx)
{
	return decide(ctx, ctx->data_end - ctx->data);
}

SEC("freplace/decide")
int drop(struct xdp_md *ctx, int length)
{
	return XDP_DROP;
}`,
        unshown: "the program that has the function must be loaded before the one that replaces it",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    for (const { program, kind } of knownPrograms(ctx)) {
      if (kind.progType !== "BPF_PROG_TYPE_EXT" || program.macro !== undefined) continue;
      const target = model.routine(tailOf(program));
      const own = model.routine(program.name);
      if (target === undefined || target.fn?.macro !== undefined || own?.fn !== program) continue;
      const wrong = mismatch(target, own, program, model);
      if (wrong === undefined) continue;
      yield {
        range: program.section.nameRange,
        message: `${wrong}: the verifier refuses to replace it`,
        ...(target.fn && { related: [{ range: target.fn.nameRange, message: "it is defined here" }] }),
      };
    }
  },
};

/** btf_check_func_type_match() of linux:kernel/bpf/btf.c */
function mismatch(target: Routine, own: Routine, program: Program, model: BpfModel): string | undefined {
  const { name } = target;
  if (target.isStatic) return `${name}() is static`;
  const [theirs, ours] = [paramsOf(target), paramsOf(own)];
  if (theirs.length !== ours.length)
    return `${name}() has ${counted(theirs.length)}, and ${program.name}() ${ours.length === 0 ? "none" : ours.length}`;
  for (const [i, param] of theirs.entries()) {
    const [is, given] = [inWords(param, model), inWords(ours[i], model)];
    if (is !== undefined && given !== undefined && is !== given)
      return `argument ${i + 1} of ${name}() is ${is}, and of ${program.name}() ${given}`;
  }
  return undefined;
}

/** `(void)` takes none. */
function paramsOf({ params }: Routine): readonly Param[] {
  return params.filter(({ type, name }) => name !== "" || type.trim() !== "void");
}

function counted(arguments_: number): string {
  return arguments_ === 1 ? "1 argument" : `${arguments_} arguments`;
}

/** What the verifier compares of a type; undefined where the file does not tell. */
function inWords(param: Param | undefined, { types }: BpfModel): string | undefined {
  const type = readType(param?.type ?? "", types);
  const plain = types.behind(type);
  if (plain.kind === "pointer") return structWords(types.behind(plain.to ?? UNKNOWN));
  const { width } = numberType(type, types);
  return width === undefined ? undefined : `a number of ${width} bytes`;
}

function structWords(to: CType): string | undefined {
  const name = nameOf(to);
  return name.startsWith("struct ") ? `a ${name} *` : undefined;
}
