/** Rule: an atomic operation that kernels before 5.12 do not have. */

import { newAtomicsIn } from "../for-rules/new-atomics.ts";
import { mayBeLeftOut, runsOf } from "../for-rules/runs.ts";
import { ability, lacking, lackText } from "../for-rules/verdicts.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const atomicOnOldKernel: Rule = {
  meta: {
    id: "atomic-on-old-kernel",
    group: "kernels",
    summary: "An atomic operation that a target does not have",
    rationale: `Before Linux 5.12 the only atomic instruction was one that adds to memory and gives nothing back; others are refused.
Since then there are those that give back the old value, exchange and compare-and-exchange, and the bitwise ones. An older
kernel takes them for a broken addition: \`BPF_XADD uses reserved fields\`. clang makes those for 32 bits only with \`-mcpu=v3\`.

\`__sync_fetch_and_add()\` and its relatives are fine on every kernel when nothing is done with what they return.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `long tickets;

SEC("xdp")
int f(struct xdp_md *ctx)
{
	long mine = __sync_fetch_and_add(&tickets, 1);

	return mine % 2 ? XDP_PASS : XDP_DROP;
}`,
        good: `long tickets;

SEC("xdp")
int f(struct xdp_md *ctx)
{
	__sync_fetch_and_add(&tickets, 1);
	return XDP_PASS;
}`,
        target: "5.10",
        unshown: "the running kernel has these operations",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    if (ctx.targets.length === 0) return;
    const lacks = lacking(ability("atomic-fetch"), ctx);
    if (lacks.length === 0) return;
    for (const { call, what } of newAtomicsIn(ctx)) {
      const runs = runsOf(call, ctx);
      if (!runs.some(({ asks }) => asks !== "flag") || mayBeLeftOut(call, ctx.model)) continue;
      yield {
        range: call.nameRange,
        message: `${what} needs an atomic instruction that is not on ${lackText(lacks)}`,
      };
    }
  },
};
