/** Rule: a pointer that may be NULL is used on some path on which nobody asked whether it is. */

import { flowOf } from "../flow/flow.ts";
import type { Rule } from "../rule.ts";

export const uncheckedNull: Rule = {
  meta: {
    id: "unchecked-null",
    group: "paths",
    summary: "Pointer that may be NULL, used without asking",
    rationale: "The verifier refuses a program that uses a pointer which may be NULL before it was compared with NULL.",
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} hits SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	u32 key = ctx->ingress_ifindex;
	u64 *hit = bpf_map_lookup_elem(&hits, &key);

	*hit += 1;
	return XDP_PASS;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} hits SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	u32 key = ctx->ingress_ifindex;
	u64 *hit = bpf_map_lookup_elem(&hits, &key);

	if (!hit)
		return XDP_PASS;
	*hit += 1;
	return XDP_PASS;
}`,
        refused: { by: "kernel", says: "map_value_or_null" },
      },
    ],
  },
  *check(ctx) {
    const { model } = ctx;
    for (const kind of ["null used", "null moved", "null given"])
      for (const found of flowOf(ctx).of(kind)) {
        const range = model.code.lines.rangeOf(found.span);
        yield { range, message: `${found.about}() may give NULL, and nobody asked: the verifier refuses the program` };
      }
  },
};
