/** Rule: a lock, a timer or the like is read or written like any other field. */

import { flowOf } from "../flow/flow.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const specialFieldAccess: Rule = {
  walks: true,
  meta: {
    id: "special-field-access",
    group: "paths",
    summary: "A lock, timer, list or tree that is read or written directly",
    rationale: `What locks, timers, lists and trees consist of is the kernel's own affair. A program hands the address of a
\`bpf_spin_lock\` or a \`bpf_timer\` to the functions for it and looks at nothing in it. The verifier refuses: \`bpf_spin_lock cannot be accessed directly\`.
Nothing needs to be set to zero either, the kernel does so.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct entry {
	struct bpf_spin_lock lock;
	__u64 sum;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct entry);
} entries SEC(".maps");

SEC("tc")
int clear(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	if (!entry)
		return 0;
	entry->lock.val = 0;
	entry->sum = 0;
	return 0;
}`,
        good: `struct entry {
	struct bpf_spin_lock lock;
	__u64 sum;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct entry);
} entries SEC(".maps");

SEC("tc")
int clear(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	if (!entry)
		return 0;
	bpf_spin_lock(&entry->lock);
	entry->sum = 0;
	bpf_spin_unlock(&entry->lock);
	return 0;
}`,
        refused: { by: "kernel", says: "cannot be accessed directly by load/store" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { lines } = ctx.model.code;
    for (const { span, about, facts = {}, story = [] } of flowOf(ctx).of("special field")) {
      yield {
        range: lines.rangeOf(span),
        message: messageOf(about, facts),
        related: story.map((place) => ({ range: lines.rangeOf(place.span), message: place.message })),
      };
    }
  },
};

function messageOf(_: string, { special }: Readonly<Record<string, unknown>>): string {
  return `a ${special} is accessed directly: the verifier refuses the program`;
}
