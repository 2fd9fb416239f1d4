/** Rule: a loop, for kernels that take none. */

import type { Loop } from "../code.ts";
import { indentationAt, insertAt } from "../edits.ts";
import { isLoopRun, timesOf } from "../for-rules/loop-times.ts";
import { ability, lacking, lackText } from "../for-rules/verdicts.ts";
import type { BpfModel } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const loopOnOldKernel: Rule = {
  meta: {
    id: "loop-on-old-kernel",
    group: "kernels",
    summary: "A loop for kernels that take none",
    rationale: `Before Linux 5.3 no program could jump backwards: \`back-edge from insn 24 to 19\`. A loop had to be unrolled by the
compiler, for which it must know how often it runs. clang does that by itself where the result is short, and everywhere with
\`#pragma unroll\` before the loop.

A loop with a constant bound and without the pragma is only a hint, because clang may do it. One whose bound is known only
when the program runs cannot be unrolled: give it a constant bound, and leave it early with \`break\`.`,
    severity: "hint",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("xdp")
int f(struct xdp_md *ctx)
{
	__u32 sum = 0;

	for (int i = 0; i < 64; i++)
		sum += bpf_get_prandom_u32();
	return sum ? XDP_PASS : XDP_DROP;
}`,
        good: `SEC("xdp")
int f(struct xdp_md *ctx)
{
	__u32 sum = 0;

	#pragma unroll
	for (int i = 0; i < 64; i++)
		sum += bpf_get_prandom_u32();
	return sum ? XDP_PASS : XDP_DROP;
}`,
        target: "4.19",
        unshown: "the running kernel takes loops",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const lacks = lacking(ability("bounded-loops"), ctx);
    if (lacks.length === 0) return;
    const { model } = ctx;
    for (const loop of model.code.loops()) {
      const times = loop.in === undefined ? "unknown" : timesOf(loop, model);
      if (
        times === "unknown" ||
        (times === "constant" && (loop.unroll !== undefined || loop.isBehindMacro)) ||
        !isLoopRun(loop, ctx)
      )
        continue;
      const where = lackText(lacks);
      if (times === "open") {
        yield {
          range: loop.range,
          message: `how often this loop runs is not known before, and loops are not on ${where}`,
          severity: "warning",
        };
      } else {
        yield {
          range: loop.range,
          message: `clang may leave this loop as it is, and loops are not on ${where}`,
          fixes: unrolled(loop, model),
        };
      }
    }
  },
};

/** A pragma has a line of its own. */
function unrolled({ range: { start } }: Loop, model: BpfModel): readonly Fix[] {
  const indentation = indentationAt(start, model);
  if (indentation.length < start.character) return [];
  return [{ title: "Add #pragma unroll", edits: [insertAt(start, `#pragma unroll\n${indentation}`)] }];
}
