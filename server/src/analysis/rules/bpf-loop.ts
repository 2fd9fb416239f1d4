/** Rule: a loop whose body is a function of its own because the verifier could not follow it. */

import { callsNamed } from "../for-rules/calls.ts";
import { isAlternative } from "../for-rules/guarded.ts";
import { programsFor } from "../for-rules/newer.ts";
import { familyOf } from "../knowledge/loaders.ts";
import { isGplCompatible } from "../licences.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const bpfLoop: Rule = {
  meta: {
    id: "bpf-loop",
    group: "better ways",
    summary: "A loop whose body is a function of its own",
    rationale: `\`bpf_loop()\` calls a function for every round, to which all that it needs must be handed over in a structure.
A \`return\` out of that ends the round and nothing else. Since 6.4 \`bpf_for(i, 0, n)\` of libbpf 1.2 is an ordinary loop: its body
stands where it runs, sees the variables around it and may use \`break\`, \`continue\` and \`return\`. The number of rounds
may be a variable as well, and the verifier does not go through them one by one.

\`bpf_for()\` calls kernel functions, which only programs under a GPL-compatible licence may, loaded by a loader that knows
such calls. Nothing is said where that is not so.`,
    severity: "hint",
    since: "6.4",
    fix: "none",
    bpflint: "bpf-loop",
    examples: [
      {
        bad: `struct sum {
	__u64 total;
};

static int add(__u32 i, void *data)
{
	struct sum *sum = data;

	sum->total += i;
	return 0;
}

SEC("tracepoint/sched/sched_process_exit")
int on_exit(void *ctx)
{
	struct sum sum = {};

	bpf_loop(1000, add, &sum, 0);
	bpf_printk("%llu", sum.total);
	return 0;
}`,
        good: `SEC("tracepoint/sched/sched_process_exit")
int on_exit(void *ctx)
{
	__u64 total = 0;
	int i;

	bpf_for(i, 0, 1000)
		total += i;
	bpf_printk("%llu", total);
	return 0;
}`,
        unshown: "bpf_for() is in the headers of libbpf 1.2 and later",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    const calls = callsNamed("bpf_loop", model).filter((call) => call.closed && call.args.length === 4);
    if (calls.length === 0 || model.redefines("bpf_loop") || !mayCallKernel(ctx)) return;
    // Who has both has a reason for each.
    if (model.code.mentions("bpf_for") || model.code.mentions("bpf_repeat")) return;
    for (const call of calls) {
      if (isAlternative(call.range, call.in, model)) continue;
      if (programsFor(call, { kind: "kfunc", name: "bpf_iter_num_new" }, ctx) === undefined) continue;
      const [, body] = call.args;
      yield {
        range: call.nameRange,
        message: `bpf_loop() needs a function for the body, ${body?.text.replace(/^&\s*/, "")}(); since 6.4 bpf_for(i, 0, n) has it in its place`,
      };
    }
  },
};

/** aya and bcc do not find the kernel functions that the macro calls. */
function mayCallKernel(ctx: RuleContext): boolean {
  const family = familyOf(ctx.loader);
  const licence = ctx.model.licence?.text;
  return (family === "libbpf" || family === "cilium/ebpf") && (licence === undefined || isGplCompatible(licence));
}
