/** Rule: something is called while a spin lock is held that may not be. */

import { flowOf } from "../flow/flow.ts";
import { relatedOf } from "../for-rules/flow-story.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const callUnderLock: Rule = {
  walks: true,
  meta: {
    id: "call-under-lock",
    group: "paths",
    summary: "Call that is not allowed while a lock is held",
    rationale: `Between \`bpf_spin_lock()\` and \`bpf_spin_unlock()\` the verifier lets a program call next to nothing.
Only what works on the lists and trees that the lock guards may be called: no other helper, not even \`bpf_ktime_get_ns()\` or
\`bpf_printk()\`, and no global function. Do the call before, and keep what it gives in a variable.`,
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
int count(struct __sk_buff *skb)
{
	u32 key = 0;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	if (!entry)
		return 0;
	bpf_spin_lock(&entry->lock);
	entry->count = bpf_ktime_get_ns();
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
	u64 now;

	if (!entry)
		return 0;
	now = bpf_ktime_get_ns();
	bpf_spin_lock(&entry->lock);
	entry->count = now;
	bpf_spin_unlock(&entry->lock);
	return 0;
}`,
        refused: { by: "kernel", says: "function calls are not allowed while holding a lock" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const found of flowOf(ctx).of("call under lock"))
      yield {
        range: ctx.model.code.lines.rangeOf(found.span),
        message: `${found.about}() is called while a lock is held: the verifier refuses the program`,
        related: relatedOf(found, ctx),
      };
  },
};
