/** Rule: an atomic operation on a number that does not lie where one of its size may lie. */

import { flowOf } from "../flow/flow.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const misalignedAtomic: Rule = {
  walks: true,
  meta: {
    id: "misaligned-atomic",
    group: "paths",
    summary: "Atomic operation on a number that is not aligned",
    rationale: `An atomic operation needs a number at a multiple of its own size: the verifier refuses any other place.
Reading and writing such numbers is allowed where the processor can do it, so a \`packed\` structure works until one of its members
is counted up with \`__sync_fetch_and_add()\`.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct slots {
	u32 port;
	u64 packets;
} __attribute__((packed));

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, struct slots);
} table SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	u32 key = 0;
	struct slots *slots = bpf_map_lookup_elem(&table, &key);

	if (slots)
		__sync_fetch_and_add(&slots->packets, 1);
	return XDP_PASS;
}`,
        good: `struct slots {
	u64 packets;
	u32 port;
} __attribute__((packed));

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, struct slots);
} table SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	u32 key = 0;
	struct slots *slots = bpf_map_lookup_elem(&table, &key);

	if (slots)
		__sync_fetch_and_add(&slots->packets, 1);
	return XDP_PASS;
}`,
        refused: { by: "kernel", says: "misaligned value access" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const { span, facts = {} } of flowOf(ctx).of("misaligned atomic")) {
      const { callee, offset, size } = facts;
      yield {
        range: ctx.model.code.lines.rangeOf(span),
        message: `${callee}() on ${size} bytes at offset ${offset}, no multiple of ${size}: the verifier refuses the program`,
      };
    }
  },
};
