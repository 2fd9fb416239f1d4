/** Rule: something that may wait is called in a section in which nothing may. */

import { flowOf } from "../flow/flow.ts";
import { relatedOf } from "../for-rules/flow-story.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const sleepInSection: Rule = {
  walks: true,
  meta: {
    id: "sleep-in-section",
    group: "paths",
    summary: "Call that may sleep, in an RCU section or without preemption",
    rationale: `Nothing may sleep between \`bpf_rcu_read_lock()\` and \`bpf_rcu_read_unlock()\`: the verifier refuses the call.
The same holds while preemption or interrupts are off. Leave the section before the call, and enter it again afterwards.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

u64 from;

SEC("syscall")
int fetch(void *ctx)
{
	char text[16];

	bpf_rcu_read_lock();
	bpf_copy_from_user(text, sizeof(text), (void *)from);
	bpf_rcu_read_unlock();
	return 0;
}`,
        good: `u64 from;

SEC("syscall")
int fetch(void *ctx)
{
	char text[16];

	bpf_copy_from_user(text, sizeof(text), (void *)from);
	return 0;
}`,
        refused: { by: "kernel", says: "in rcu_read_lock region" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const found of flowOf(ctx).of("waits in a section")) {
      const { by } = found.facts ?? {};
      yield {
        range: ctx.model.code.lines.rangeOf(found.span),
        message: `${found.about}() may sleep, which ${by}() forbids: the verifier refuses the program`,
        related: relatedOf(found, ctx),
      };
    }
  },
};
