/** Rule: a kfunc that programs of this type may not call. */

import { notAllowed } from "../for-rules/not-allowed.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const kfuncNotAllowed: Rule = {
  meta: {
    id: "kfunc-not-allowed",
    group: "calls",
    summary: "A kfunc that programs of this type may not call",
    rationale: `The kernel registers each of its kfuncs for certain program types and refuses programs of any other that call it.
It says \`calling kernel function bpf_x is not allowed\`, although the function is there and its declaration is right. The
list grows from release to release.

Without a target only what no kernel allows is reported, and as a warning what no kernel with longterm support allows. With targets the answer is that of each kernel. A kfunc may be
restricted further, to certain attach types or operations; about that this rule says nothing.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `extern int bpf_dynptr_from_xdp(struct xdp_md *x, __u64 flags, struct bpf_dynptr *ptr__uninit) __ksym;

SEC("tc")
int f(struct __sk_buff *skb)
{
	struct bpf_dynptr packet;

	return bpf_dynptr_from_xdp((struct xdp_md *)skb, 0, &packet) ? TCX_DROP : TCX_PASS;
}`,
        good: `extern int bpf_dynptr_from_skb(struct __sk_buff *s, __u64 flags, struct bpf_dynptr *ptr__uninit) __ksym;

SEC("tc")
int f(struct __sk_buff *skb)
{
	struct bpf_dynptr packet;

	return bpf_dynptr_from_skb(skb, 0, &packet) ? TCX_DROP : TCX_PASS;
}`,
        refused: { by: "kernel", says: "calling kernel function bpf_dynptr_from_xdp is not allowed" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    yield* notAllowed("kfunc", ctx);
  },
};
