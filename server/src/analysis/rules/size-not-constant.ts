/** Rule: a number that is known only when the program runs stands where the verifier wants a constant. */

import { flowOf } from "../flow/flow.ts";
import { boundReport, numberText, REFUSED } from "../for-rules/bound-words.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const sizeNotConstant: Rule = {
  walks: true,
  meta: {
    id: "size-not-constant",
    group: "paths",
    summary: "Number that is no constant, where the verifier wants one",
    rationale: `Some sizes must be known when the program is loaded: how much of a ring buffer is reserved, how long a slice of a dynptr is.

The verifier keeps track of the memory that the call gives by that size, so a bounded number does not do either. Reserve as
much as is needed at most, or use \`bpf_ringbuf_output()\` or a dynptr, which take any size.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tc")
int tell(struct __sk_buff *skb)
{
	char *event = bpf_ringbuf_reserve(&events, skb->len & 63, 0);

	if (event)
		bpf_ringbuf_submit(event, 0);
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tc")
int tell(struct __sk_buff *skb)
{
	char *event = bpf_ringbuf_reserve(&events, 64, 0);

	if (event)
		bpf_ringbuf_submit(event, 0);
	return 0;
}`,
        refused: { by: "kernel", says: "is not a known constant" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const found of flowOf(ctx).of("size not constant")) {
      const { callee } = found.facts ?? {};
      const name = numberText(found, "the size", ctx);
      yield boundReport(found, `${name} is no constant, and ${callee}() wants one there: ${REFUSED}`, ctx);
    }
  },
};
