/** Rule: something is written to what the verifier lets programs only read. */

import { flowOf } from "../flow/flow.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const writeToReadOnly: Rule = {
  meta: {
    id: "write-to-read-only",
    group: "paths",
    summary: "A write to what may only be read",
    rationale: `What \`bpf_dynptr_slice()\` gives may only be read, because it can be the packet itself or a copy of it: \`bpf_dynptr_slice_rdwr()\`
gives memory to write to. And a map is changed by the functions for maps alone: behind its address is the kernel's own
structure.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u64 one = 1;
	__u32 key = 0;

	*(__u64 *)&counts = one + key;
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u64 one = 1;
	__u32 key = 0;

	bpf_map_update_elem(&counts, &key, &one, BPF_ANY);
	return 0;
}`,
        refused: { by: "kernel", says: "only read from bpf_htab is supported" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { lines } = ctx.model.code;
    for (const { span, about, facts = {}, story = [] } of flowOf(ctx).of("read only")) {
      yield {
        range: lines.rangeOf(span),
        message: messageOf(about, facts),
        related: story.map((place) => ({ range: lines.rangeOf(place.span), message: place.message })),
      };
    }
  },
};

function messageOf(name: string, { what }: Readonly<Record<string, unknown>>): string {
  const wrong =
    what === "map"
      ? `${name} is a map, which is not written to like a variable`
      : "what bpf_dynptr_slice() gives may only be read";
  return `${wrong}: the verifier refuses the program`;
}
