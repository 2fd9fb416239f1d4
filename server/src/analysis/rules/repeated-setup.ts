/** Rule: a dynptr that holds a reservation, or an iterator, is set up a second time. */

import { flowOf } from "../flow/flow.ts";
import { relatedOf } from "../for-rules/flow-story.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const repeatedSetup: Rule = {
  walks: true,
  meta: {
    id: "repeated-setup",
    group: "paths",
    summary: "Dynptr or iterator that is set up again while it is in use",
    rationale: `Whatever the first call took could never be given back: the verifier refuses to set the same variable up again.
A dynptr from \`bpf_ringbuf_reserve_dynptr()\` is to be submitted or discarded before, an iterator destroyed, even when
the first call failed.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tc")
int twice(struct __sk_buff *skb)
{
	struct bpf_dynptr record;

	bpf_ringbuf_reserve_dynptr(&events, 8, 0, &record);
	bpf_ringbuf_reserve_dynptr(&events, 16, 0, &record);
	bpf_ringbuf_submit_dynptr(&record, 0);
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tc")
int twice(struct __sk_buff *skb)
{
	struct bpf_dynptr record;

	bpf_ringbuf_reserve_dynptr(&events, 8, 0, &record);
	bpf_ringbuf_submit_dynptr(&record, 0);
	bpf_ringbuf_reserve_dynptr(&events, 16, 0, &record);
	bpf_ringbuf_submit_dynptr(&record, 0);
	return 0;
}`,
        refused: { by: "kernel", says: "cannot overwrite referenced dynptr" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const found of flowOf(ctx).of("set up again")) {
      const { made } = found.facts ?? {};
      yield {
        range: ctx.model.code.lines.rangeOf(found.span),
        message: `${found.about} still has what ${made}() gave it: the verifier refuses to set it up again`,
        related: relatedOf(found, ctx),
      };
    }
  },
};
