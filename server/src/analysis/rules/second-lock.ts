/** Rule: a lock is taken while one is held that forbids it. */

import { flowOf } from "../flow/flow.ts";
import { relatedOf } from "../for-rules/flow-story.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const secondLock: Rule = {
  walks: true,
  meta: {
    id: "second-lock",
    group: "paths",
    summary: "Lock that is taken while another is held",
    rationale: `One spin lock can be held at a time: the verifier refuses to take a second one.
\`bpf_res_spin_lock()\` (6.15 and later) allows several, but not the same one twice. Where two values change together, put both
into one, with one lock.`,
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
int move(struct __sk_buff *skb)
{
	u32 first = 0, second = 1;
	struct entry *from = bpf_map_lookup_elem(&entries, &first);
	struct entry *to = bpf_map_lookup_elem(&entries, &second);

	if (!from || !to)
		return 0;
	bpf_spin_lock(&from->lock);
	bpf_spin_lock(&to->lock);
	to->count = from->count;
	bpf_spin_unlock(&to->lock);
	bpf_spin_unlock(&from->lock);
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
int move(struct __sk_buff *skb)
{
	u32 first = 0, second = 1;
	struct entry *from = bpf_map_lookup_elem(&entries, &first);
	struct entry *to = bpf_map_lookup_elem(&entries, &second);
	u64 count;

	if (!from || !to)
		return 0;
	bpf_spin_lock(&from->lock);
	count = from->count;
	bpf_spin_unlock(&from->lock);
	bpf_spin_lock(&to->lock);
	to->count = count;
	bpf_spin_unlock(&to->lock);
	return 0;
}`,
        refused: { by: "kernel", says: "while holding a lock" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const found of flowOf(ctx).of("second lock")) {
      const { what } = found.facts ?? {};
      const wrong =
        what === "resilient lock" && found.about !== "bpf_spin_lock"
          ? "this lock is held already"
          : "one lock is held already";
      yield {
        range: ctx.model.code.lines.rangeOf(found.span),
        message: `${wrong} when ${found.about}() is called: the verifier refuses the program`,
        related: relatedOf(found, ctx),
      };
    }
  },
};
