/** Rule: a timer is started with another map than the one that it stands in. */

import { flowOf } from "../flow/flow.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const timerOfAnotherMap: Rule = {
  walks: true,
  meta: {
    id: "timer-of-another-map",
    group: "paths",
    summary: "Call of bpf_timer_init() with another map than the timer's",
    rationale: `The second argument of \`bpf_timer_init()\` is the map in whose value the timer stands, which then keeps the timer alive. The
verifier compares the two.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct entry {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct entry);
} entries SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct entry);
} others SEC(".maps");

SEC("tc")
int start(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	if (entry)
		bpf_timer_init(&entry->timer, &others, 1);
	return 0;
}`,
        good: `struct entry {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct entry);
} entries SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct entry);
} others SEC(".maps");

SEC("tc")
int start(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	if (entry)
		bpf_timer_init(&entry->timer, &entries, 1);
	return 0;
}`,
        refused: { by: "kernel", says: "doesn't match map pointer" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { lines } = ctx.model.code;
    for (const { span, about, facts = {}, story = [] } of flowOf(ctx).of("other map")) {
      yield {
        range: lines.rangeOf(span),
        message: messageOf(about, facts),
        related: story.map((place) => ({ range: lines.rangeOf(place.span), message: place.message })),
      };
    }
  },
};

function messageOf(_: string, { map, given }: Readonly<Record<string, unknown>>): string {
  if (map === undefined)
    return `the timer was looked up in another map than ${given}: the verifier refuses the program`;
  return `the timer stands in ${map}, not in ${given}: the verifier refuses the program`;
}
