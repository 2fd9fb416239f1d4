/** Rule: a pointer is written to a variable that has too few bytes for it. */

import { flowOf } from "../flow/flow.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const cutPointer: Rule = {
  walks: true,
  meta: {
    id: "cut-pointer",
    group: "paths",
    summary: "Pointer in a variable that has too few bytes for it",
    rationale: `On the stack the verifier follows a pointer only with all of its eight bytes.
What has fewer is refused as soon as it lies there, as any variable does whose address is given to a function. Fields such as
\`data\` and \`data_end\` of a packet's context are pointers to the verifier, though C calls them 32-bit numbers.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} sizes SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	u32 key = ctx->data_end;
	u64 *size = bpf_map_lookup_elem(&sizes, &key);

	if (size)
		*size += 1;
	return XDP_PASS;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} sizes SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	u32 key = ctx->data_end - ctx->data;
	u64 *size = bpf_map_lookup_elem(&sizes, &key);

	if (size)
		*size += 1;
	return XDP_PASS;
}`,
        refused: { by: "kernel", says: "invalid size of register spill" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const { span, about, facts = {} } of flowOf(ctx).of("pointer cut"))
      yield {
        range: ctx.model.code.lines.rangeOf(span),
        message: `${about} has ${facts["size"]} bytes, and a pointer 8: the verifier refuses to cut one on the stack`,
      };
  },
};
