/** Rule: a function with more parameters than BPF has registers for. */

import { isForBcc, isForBpf } from "../for-rules/file-kinds.ts";
import { inlineIt, outlined } from "../for-rules/inlining.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

/** R1 to R5. */
const MOST = 5;

export const tooManyArguments: Rule = {
  meta: {
    id: "too-many-arguments",
    group: "toolchain",
    summary: "A function that takes more than five arguments",
    rationale: `Arguments travel in the registers R1 to R5, and clang refuses a function with more, as there is no stack for
them. It says \`stack arguments are not supported\`, and where the function is called \`too many arguments\`. A function that
is inlined has no such limit, because then nothing is called; so \`static __always_inline\` helps, as does a structure that
holds the values and is passed by its address.

Static functions that clang is free to inline are not reported, nor are \`BPF_PROG\` and its kin, which take one argument,
the context.`,
    severity: "error",
    fix: "safe",
    examples: [
      {
        bad: `int weigh(int a, int b, int c, int d, int e, int g)
{
	return a * b + c * d + e * g;
}

SEC("xdp")
int f(struct xdp_md *ctx)
{
	return weigh(1, 2, 3, 4, 5, ctx->rx_queue_index) ? XDP_PASS : XDP_DROP;
}`,
        good: `static __always_inline int weigh(int a, int b, int c, int d, int e, int g)
{
	return a * b + c * d + e * g;
}

SEC("xdp")
int f(struct xdp_md *ctx)
{
	return weigh(1, 2, 3, 4, 5, ctx->rx_queue_index) ? XDP_PASS : XDP_DROP;
}`,
        refused: { by: "clang", says: "stack arguments are not supported" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    if (!isForBpf(model) || isForBcc(ctx)) return;
    for (const fn of model.functions) {
      const count = fn.params.length;
      if (count <= MOST || fn.params.some(({ type }) => type === "...")) continue;
      const kept = outlined(fn, model);
      if (kept === undefined) continue;
      yield {
        range: fn.nameRange,
        message: `${fn.name}() takes ${count} arguments, and a BPF function takes no more than ${MOST} unless it is inlined`,
        // Clang drops arguments that are the same in every call, or never used.
        ...(kept.how === "kept apart" && { severity: "warning" }),
        fixes: inlineIt(fn, model).map((fix) => (kept.how === "kept apart" ? { ...fix, safety: "unsafe" } : fix)),
      };
    }
  },
};
