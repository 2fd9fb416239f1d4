/** Rule: a kfunc is given an object of which the verifier does not know whether it is still there. */

import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import { relatedOf } from "../for-rules/flow-story.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const untrustedPointer: Rule = {
  walks: true,
  meta: {
    id: "untrusted-pointer",
    group: "paths",
    summary: "Object given to a kfunc that may not be there any more",
    rationale: `A kfunc takes only objects of which the verifier knows that they are there.
It knows that of those that a \`tp_btf\` or \`lsm\` program is given, that another kfunc has taken, and that a map keeps, within
an RCU section. What a field of such an object leads to may be gone, a few fields aside. So may what an \`fentry\` or \`fexit\`
program is given, and what was read before the RCU section was left. Look it up again, for example by \`bpf_task_from_pid()\`, or
call the kfunc within the section.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `extern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *previous)
{
	struct task_struct *task = bpf_task_acquire(previous->last_wakee);

	if (task)
		bpf_task_release(task);
	return 0;
}`,
        good: `extern struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *previous)
{
	struct task_struct *task = bpf_task_from_pid(previous->last_wakee->pid);

	if (task)
		bpf_task_release(task);
	return 0;
}`,
        refused: { by: "kernel", says: "must be a rcu pointer" },
      },
      {
        bad: `extern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

struct slot {
	struct task_struct __kptr *task;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct slot);
} slots SEC(".maps");

SEC("tp_btf/task_newtask")
int BPF_PROG(on_task, struct task_struct *task, u64 flags)
{
	u32 key = 0;
	struct task_struct *kept;
	struct slot *slot = bpf_map_lookup_elem(&slots, &key);

	if (!slot)
		return 0;
	bpf_rcu_read_lock();
	kept = slot->task;
	bpf_rcu_read_unlock();
	if (!kept)
		return 0;
	kept = bpf_task_acquire(kept);
	if (kept)
		bpf_task_release(kept);
	return 0;
}`,
        good: `extern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

struct slot {
	struct task_struct __kptr *task;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct slot);
} slots SEC(".maps");

SEC("tp_btf/task_newtask")
int BPF_PROG(on_task, struct task_struct *task, u64 flags)
{
	u32 key = 0;
	struct task_struct *kept;
	struct slot *slot = bpf_map_lookup_elem(&slots, &key);

	if (!slot)
		return 0;
	bpf_rcu_read_lock();
	kept = slot->task;
	if (kept)
		kept = bpf_task_acquire(kept);
	bpf_rcu_read_unlock();
	if (kept)
		bpf_task_release(kept);
	return 0;
}`,
        refused: { by: "kernel", says: "must be a rcu pointer" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const found of flowOf(ctx).of("untrusted given"))
      yield {
        range: ctx.model.code.lines.rangeOf(found.span),
        message: messageOf(found),
        related: relatedOf(found, ctx),
      };
  },
};

function messageOf({ about, facts }: Found): string {
  const { to, how } = facts ?? {};
  const refused = `the verifier refuses ${to}()`;
  const name = about.replace(/^\./, "");
  switch (how) {
    case "argument":
      return `${name} may not be there any more where this program runs: ${refused}`;
    case "walked":
      return `what the field ${name} leads to may be gone: ${refused}`;
    case "cast":
      return `what ${name}() gives may be followed, and no more: ${refused}`;
    case "left":
      return `${name} was read in an RCU section that is over: ${refused}`;
    default:
      return `${name} is a number to the verifier, which refuses to give it to ${to}()`;
  }
}
