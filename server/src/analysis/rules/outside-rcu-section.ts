/** Rule: a kfunc that needs an RCU section is called without one, in a program that may sleep. */

import { flowOf } from "../flow/flow.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const outsideRcuSection: Rule = {
  walks: true,
  meta: {
    id: "outside-rcu-section",
    group: "paths",
    summary: "Kfunc that needs an RCU section, called without one",
    rationale: `What \`bpf_iter_task_new()\` and its like go through may change unless readers are in an RCU section.
A program that never sleeps is in one all along. One that may sleep calls \`bpf_rcu_read_lock()\` before, and
\`bpf_rcu_read_unlock()\` once it is done.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `extern int bpf_iter_task_new(struct bpf_iter_task *it, struct task_struct *task, unsigned int flags) __ksym;
extern struct task_struct *bpf_iter_task_next(struct bpf_iter_task *it) __ksym;
extern void bpf_iter_task_destroy(struct bpf_iter_task *it) __ksym;

u32 tasks;

SEC("syscall")
int count(void *ctx)
{
	struct bpf_iter_task it;

	bpf_iter_task_new(&it, NULL, 0);
	while (bpf_iter_task_next(&it))
		tasks++;
	bpf_iter_task_destroy(&it);
	return 0;
}`,
        good: `extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
extern int bpf_iter_task_new(struct bpf_iter_task *it, struct task_struct *task, unsigned int flags) __ksym;
extern struct task_struct *bpf_iter_task_next(struct bpf_iter_task *it) __ksym;
extern void bpf_iter_task_destroy(struct bpf_iter_task *it) __ksym;

u32 tasks;

SEC("syscall")
int count(void *ctx)
{
	struct bpf_iter_task it;

	bpf_rcu_read_lock();
	bpf_iter_task_new(&it, NULL, 0);
	while (bpf_iter_task_next(&it))
		tasks++;
	bpf_iter_task_destroy(&it);
	bpf_rcu_read_unlock();
	return 0;
}`,
        refused: { by: "kernel", says: "requires RCU critical section protection" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const { span, about } of flowOf(ctx).of("outside of a section"))
      yield {
        range: ctx.model.code.lines.rangeOf(span),
        message: `${about}() needs an RCU section, and this program may sleep: the verifier refuses the call`,
      };
  },
};
