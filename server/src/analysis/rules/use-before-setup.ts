/** Rule: a dynptr or an iterator is used that nothing has set up. */

import { flowOf } from "../flow/flow.ts";
import { relatedOf } from "../for-rules/flow-story.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const useBeforeSetup: Rule = {
  walks: true,
  meta: {
    id: "use-before-setup",
    group: "paths",
    summary: "Dynptr or iterator that is used before it is set up",
    rationale: `A dynptr and an iterator exist from the call on that sets them up: before it the verifier takes the variable for nothing.
\`bpf_dynptr_from_skb()\`, \`bpf_ringbuf_reserve_dynptr()\` and the like make a dynptr, \`bpf_iter_num_new()\` an iterator. Zeros in the
variable are no substitute.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `SEC("tc")
int first(struct __sk_buff *skb)
{
	struct bpf_dynptr packet;
	u8 byte = 0;

	bpf_dynptr_read(&byte, sizeof(byte), &packet, 0, 0);
	return byte;
}`,
        good: `extern int bpf_dynptr_from_skb(struct __sk_buff *skb, u64 flags, struct bpf_dynptr *ptr__uninit) __ksym;

SEC("tc")
int first(struct __sk_buff *skb)
{
	struct bpf_dynptr packet;
	u8 byte = 0;

	bpf_dynptr_from_skb(skb, 0, &packet);
	bpf_dynptr_read(&byte, sizeof(byte), &packet, 0, 0);
	return byte;
}`,
        refused: { by: "kernel", says: "Expected an initialized dynptr" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const found of flowOf(ctx).of("used before it was set up")) {
      const { by, what } = found.facts ?? {};
      yield {
        range: ctx.model.code.lines.rangeOf(found.span),
        message: `${found.about} is ${what === "dynptr" ? "a dynptr" : "an iterator"} that nothing has set up before ${by}(): the verifier refuses the program`,
        related: relatedOf(found, ctx),
      };
    }
  },
};
