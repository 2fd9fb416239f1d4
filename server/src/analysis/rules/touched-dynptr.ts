/** Rule: the bytes of a dynptr itself are read or written. */

import { flowOf } from "../flow/flow.ts";
import { relatedOf } from "../for-rules/flow-story.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const touchedDynptr: Rule = {
  walks: true,
  meta: {
    id: "touched-dynptr",
    group: "paths",
    summary: "Dynptr whose own bytes are read or written",
    rationale: `What a dynptr itself consists of is the kernel's: a program only hands it to functions.
Whoever reads it, or writes over one that must still be given back, is refused. What it refers to is read and written by
\`bpf_dynptr_read()\`, \`bpf_dynptr_write()\` and \`bpf_dynptr_data()\`. A function that fills memory beside a dynptr must be told
a size that ends before it.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tc")
int report(struct __sk_buff *skb)
{
	struct bpf_dynptr record;

	bpf_ringbuf_reserve_dynptr(&events, 4, 0, &record);
	*(u32 *)&record = skb->len;
	bpf_ringbuf_submit_dynptr(&record, 0);
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tc")
int report(struct __sk_buff *skb)
{
	struct bpf_dynptr record;
	u32 len = skb->len;

	bpf_ringbuf_reserve_dynptr(&events, 4, 0, &record);
	bpf_dynptr_write(&record, 0, &len, sizeof(len), 0);
	bpf_ringbuf_submit_dynptr(&record, 0);
	return 0;
}`,
        refused: { by: "kernel", says: "cannot overwrite referenced dynptr" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const found of flowOf(ctx).of("dynptr touched")) {
      const how = found.facts?.["isWrite"] === true ? "written to" : "read";
      yield {
        range: ctx.model.code.lines.rangeOf(found.span),
        message: `${found.about} is a dynptr, whose own bytes are ${how} here: the verifier refuses the program`,
        related: relatedOf(found, ctx),
      };
    }
  },
};
