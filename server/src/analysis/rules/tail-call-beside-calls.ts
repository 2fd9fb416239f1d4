/** Rule: tail calls in a program that also calls functions, for kernels that allow only one of the two. */

import { tailCallsBesideCalls } from "../for-rules/tail-calls.ts";
import { ability, between, lacking, lackText } from "../for-rules/verdicts.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const tailCallBesideCalls: Rule = {
  meta: {
    id: "tail-call-beside-calls",
    group: "kernels",
    summary: "Tail calls beside calls of functions, for kernels that allow only one of the two",
    rationale: `Before Linux 5.10 the kernel refused every program that makes tail calls and calls functions as well.
A tail call leaves the program for another one without coming back, which could not be done from a stack with more than one
frame: \`tail_calls are not allowed in programs with bpf-to-bpf calls\`, whichever function the tail call stands in. Other
architectures than x86 learnt it later.

Only functions marked \`__noinline\` or \`__weak\` count as called; the others clang may inline.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} next SEC(".maps");

static __noinline int answer(int x)
{
	return x * 2;
}

SEC("xdp")
int f(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &next, answer(ctx->ingress_ifindex));
	return XDP_PASS;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} next SEC(".maps");

static __always_inline int answer(int x)
{
	return x * 2;
}

SEC("xdp")
int f(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &next, answer(ctx->ingress_ifindex));
	return XDP_PASS;
}`,
        target: "5.4",
        unshown: "the running kernel allows both",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    if (ctx.targets.length === 0) return;
    // Where no function can be called that is what there is to say.
    const targets = between(ability("function-calls"), BOTH, ctx);
    const lacks = lacking(BOTH, { ...ctx, targets });
    if (lacks.length === 0) return;
    for (const { call, fn } of tailCallsBesideCalls(ctx)) {
      yield {
        range: call.nameRange,
        message: `tail calls in a program that also calls ${fn.name}() are not on ${lackText(lacks)}`,
        related: [{ range: fn.nameRange, message: `${fn.name}() is not inlined` }],
      };
    }
  },
};

const BOTH = ability("tail-calls-beside-function-calls");
