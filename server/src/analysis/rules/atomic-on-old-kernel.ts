/** Rule: an atomic operation that kernels before 5.12 do not have. */

import { mayBeLeftOut, runsOf } from "../for-rules/runs.ts";
import { ability, lacking, lackText } from "../for-rules/verdicts.ts";
import type { BpfModel, Call } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";
import { withoutComments } from "../text.ts";

/** Adding and subtracting is as old as BPF, as long as nobody wants to know what was there. */
const ADDS =
  /^__(?:sync_(?:fetch_and_(?:add|sub)|(?:add|sub)_and_fetch)|atomic_(?:fetch_(?:add|sub)|(?:add|sub)_fetch))$/;
const OTHERS =
  /^__(?:sync_(?:fetch_and_(?:or|and|xor)|(?:or|and|xor)_and_fetch|(?:val|bool)_compare_and_swap|lock_test_and_set)|atomic_(?:fetch_(?:or|and|xor)|(?:or|and|xor)_fetch|exchange(?:_n)?|compare_exchange(?:_n)?))$/;

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
    const { model } = ctx;
    if (ctx.targets.length === 0) return;
    const lacks = lacking(ability("atomic-fetch"), ctx);
    if (lacks.length === 0) return;
    for (const call of model.calls) {
      if (!call.name.startsWith("__") || !isNew(call, model)) continue;
      const runs = runsOf(call, ctx);
      if (!runs.some(({ asks }) => asks !== "flag") || mayBeLeftOut(call, model)) continue;
      const what = ADDS.test(call.name) ? `the result of ${call.name}()` : `${call.name}()`;
      yield {
        range: call.nameRange,
        message: `${what} needs an atomic instruction that is not on ${lackText(lacks)}`,
      };
    }
  },
};

function isNew(call: Call, model: BpfModel): boolean {
  return OTHERS.test(call.name) || (ADDS.test(call.name) && isLookedAt(call, model));
}

/** Certain only: what stands before the call takes its value. */
function isLookedAt({ range, in: fn }: Call, { code }: BpfModel): boolean {
  if (fn === undefined) return false;
  const before = withoutComments(code.textOf({ start: fn.range.start, end: range.start })).trimEnd();
  return /(?:[=<>!&|+\-*/%^~?,]|\breturn|\b(?:if|while|switch)\s*\()$/.test(before);
}
