/** Rule: a loop that nobody can leave. */

import { type EndlessLoop, endlessLoops } from "../flow/endless.ts";
import { flowOf } from "../flow/flow.ts";
import { boundReport, numberText } from "../for-rules/bound-words.ts";
import { mayBeLeftOut, runsOf } from "../for-rules/runs.ts";
import type { BpfFunction } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const endlessLoop: Rule = {
  walks: true,
  meta: {
    id: "endless-loop",
    group: "paths",
    summary: "Loop that is never left",
    rationale: `A program must end: the verifier walks through every loop and refuses one that comes back to where it was, with nothing changed.

\`while (1)\` needs a \`break\` or \`return\` that is reached sooner or later, and a condition something in the loop that changes
what it asks. What waits for another processor must not: give it a number of tries, with \`bpf_for\` or \`bpf_loop()\`.

A loop up to a number that may be anything ends too, but not for the verifier, which follows every turn until it has seen a
million instructions: compare that number with a constant first, or let \`bpf_loop()\` do it, of which one turn is looked at.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `SEC("tc")
int wait(struct __sk_buff *skb)
{
	while (skb->mark != 7)
		;
	return 0;
}`,
        good: `SEC("tc")
int wait(struct __sk_buff *skb)
{
	for (int i = 0; i < 8; i++)
		if (skb->mark == 7)
			break;
	return 0;
}`,
        refused: { by: "kernel", says: "infinite loop detected" },
      },
      {
        bad: `u64 turns;

SEC("tc")
int turn(struct __sk_buff *skb)
{
	for (;;)
		turns++;
	return 0;
}`,
        good: `u64 turns;

SEC("tc")
int turn(struct __sk_buff *skb)
{
	for (int i = 0; i < 100; i++)
		turns++;
	return 0;
}`,
        refused: { by: "kernel", says: "infinite loop detected" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    for (const fn of model.functions) {
      const routine = model.routine(fn.name);
      if (routine === undefined || routine.fn !== fn || !routine.body.isWhole) continue;
      const loops = endlessLoops(routine);
      if (loops.length > 0 && isRun(fn, ctx)) for (const loop of loops) yield reportOf(loop, ctx);
    }
    for (const found of flowOf(ctx).of("loop open")) {
      const limit = numberText(found, "the limit", ctx);
      yield boundReport(
        found,
        `nothing bounds ${limit}, and the verifier follows every turn: it refuses the program`,
        ctx,
      );
    }
  },
};

function reportOf({ head, asks }: EndlessLoop, { model }: RuleContext): Report {
  const range = model.code.lines.rangeOf({ start: head.span.start, end: head.span.end });
  const what = asks ? "nothing in this loop changes what it asks" : "nothing leaves this loop";
  return { range, message: `${what}: the verifier refuses the program` };
}

/** A function that nobody calls is left out. */
function isRun(fn: BpfFunction, ctx: RuleContext): boolean {
  if (fn.section !== undefined) return true;
  return ctx.model
    .sitesOf(fn.name)
    .some((call) => !mayBeLeftOut(call, ctx.model) && (call.name !== fn.name || runsOf(call, ctx).length > 0));
}
