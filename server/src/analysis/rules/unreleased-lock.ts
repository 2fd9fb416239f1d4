/** Rule: a lock is held, or a section open, on some way out of the program. */

import { flowOf } from "../flow/flow.ts";
import type { Found } from "../flow/walk.ts";
import { byTaking, fixBefore, leavingWords, whereLeft } from "../for-rules/leaving.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const unreleasedLock: Rule = {
  walks: true,
  meta: {
    id: "unreleased-lock",
    group: "paths",
    summary: "Lock or section that is left open on some path",
    rationale: `A program must leave no lock held: the verifier refuses a way out on which \`bpf_spin_unlock()\` is missing.
The same holds for what \`bpf_rcu_read_lock()\`, \`bpf_preempt_disable()\` and \`bpf_local_irq_save()\` begin, and for each
\`bpf_throw()\` or tail call in between.`,
    severity: "error",
    fix: "unsafe",
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
int count(struct __sk_buff *skb)
{
	u32 key = 0;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	if (!entry)
		return 0;
	bpf_spin_lock(&entry->lock);
	if (entry->count > 100)
		return 2;
	entry->count++;
	bpf_spin_unlock(&entry->lock);
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
int count(struct __sk_buff *skb)
{
	u32 key = 0;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	if (!entry)
		return 0;
	bpf_spin_lock(&entry->lock);
	if (entry->count > 100) {
		bpf_spin_unlock(&entry->lock);
		return 2;
	}
	entry->count++;
	bpf_spin_unlock(&entry->lock);
	return 0;
}`,
        refused: { by: "kernel", says: "bpf_spin_lock-ed region" },
      },
      {
        bad: `extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

SEC("tp_btf/sched_process_exit")
int BPF_PROG(look, struct task_struct *task)
{
	bpf_rcu_read_lock();
	if (task->pid == 1)
		return 0;
	bpf_rcu_read_unlock();
	return 0;
}`,
        good: `extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

SEC("tp_btf/sched_process_exit")
int BPF_PROG(look, struct task_struct *task)
{
	bpf_rcu_read_lock();
	if (task->pid == 1) {
		bpf_rcu_read_unlock();
		return 0;
	}
	bpf_rcu_read_unlock();
	return 0;
}`,
        refused: { by: "kernel", says: "bpf_rcu_read_lock-ed region" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const places of byTaking(flowOf(ctx).of("left open"))) {
      const [first] = places;
      if (first !== undefined) yield reportOf(first, places, ctx);
    }
  },
};

function reportOf(first: Found, places: readonly Found[], ctx: RuleContext): Report {
  const { lines } = ctx.model.code;
  const fix = fixBefore(places, (one) => closing(one, ctx), ctx);
  return {
    range: lines.rangeOf(first.story?.[0]?.span ?? first.span),
    message: `what ${first.about}() begins is not ended ${whereLeft(places, ctx)}: the verifier refuses the program`,
    related: places.map((one) => ({ range: lines.rangeOf(one.span), message: leavingWords(one) })),
    ...(fix && { fixes: [fix] }),
  };
}

/** The call that ends it, with the argument as it was written. */
function closing({ facts }: Found, { model }: RuleContext): string | undefined {
  const { end, from, to } = facts ?? {};
  if (typeof end !== "string") return undefined;
  const argument = typeof from === "number" && typeof to === "number" ? model.code.text.slice(from, to) : "";
  return /\n/.test(argument) ? undefined : `${end}(${argument});`;
}
