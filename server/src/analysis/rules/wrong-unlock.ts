/** Rule: something is unlocked that is not what was locked last. */

import { flowOf } from "../flow/flow.ts";
import { relatedOf } from "../for-rules/flow-story.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const wrongUnlock: Rule = {
  walks: true,
  meta: {
    id: "wrong-unlock",
    group: "paths",
    summary: "Unlock of another lock, in the wrong order, or of none",
    rationale: `The lock that is given back must be the one that was taken: the verifier refuses any other.
Two lookups give two values, each with a lock of its own, even with the same key. Resilient locks and saved interrupt flags are
given back in the opposite order. \`bpf_rcu_read_unlock()\` and \`bpf_preempt_enable()\` need something to end.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct entry {
	struct bpf_spin_lock lock;
	u64 count;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, struct entry);
} entries SEC(".maps");

SEC("tc")
int add(struct __sk_buff *skb)
{
	u32 first = 0, second = 1;
	struct entry *one = bpf_map_lookup_elem(&entries, &first);
	struct entry *other = bpf_map_lookup_elem(&entries, &second);

	if (!one || !other)
		return 0;
	bpf_spin_lock(&one->lock);
	one->count++;
	bpf_spin_unlock(&other->lock);
	return 0;
}`,
        good: `struct entry {
	struct bpf_spin_lock lock;
	u64 count;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, struct entry);
} entries SEC(".maps");

SEC("tc")
int add(struct __sk_buff *skb)
{
	u32 first = 0;
	struct entry *one = bpf_map_lookup_elem(&entries, &first);

	if (!one)
		return 0;
	bpf_spin_lock(&one->lock);
	one->count++;
	bpf_spin_unlock(&one->lock);
	return 0;
}`,
        refused: { by: "kernel", says: "bpf_spin_unlock of different lock" },
      },
      {
        bad: `extern void bpf_rcu_read_unlock(void) __ksym;

SEC("tp_btf/sched_process_exit")
int BPF_PROG(look, struct task_struct *task)
{
	bpf_rcu_read_unlock();
	return 0;
}`,
        good: `extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

SEC("tp_btf/sched_process_exit")
int BPF_PROG(look, struct task_struct *task)
{
	bpf_rcu_read_lock();
	bpf_rcu_read_unlock();
	return 0;
}`,
        refused: { by: "kernel", says: "unmatched rcu read unlock" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const kind of Object.keys(WORDS))
      for (const found of flowOf(ctx).of(kind))
        yield {
          range: ctx.model.code.lines.rangeOf(found.span),
          message: `${WORDS[kind]?.(found.about) ?? ""}: the verifier refuses the program`,
          related: relatedOf(found, ctx),
        };
  },
};

const WORDS: Readonly<Record<string, (by: string) => string>> = {
  "another lock ended": (by) => `${by}() is about something else than what was taken last`,
  "ended out of order": (by) => `${by}() does not end what was begun last`,
  "flags overwritten": (by) => `${by}() is told flags that were written to since they were saved`,
  "ended before it was begun": (by) => `${by}() has nothing to end on this path`,
};
