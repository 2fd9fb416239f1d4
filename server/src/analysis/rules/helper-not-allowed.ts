/** Rule: a helper that programs of this type may not call. */

import { notAllowed } from "../for-rules/not-allowed.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const helperNotAllowed: Rule = {
  meta: {
    id: "helper-not-allowed",
    group: "calls",
    summary: "A helper that programs of this type may not call",
    rationale: `Every program type has its own list of helpers, and the verifier refuses a program that calls one from outside of it.
What works on a socket buffer means nothing to a tracepoint, and what is new in one place is often years older in another.
The message is \`program of this type cannot use helper bpf_x#9\`; kernels before 6.12 say \`unknown func bpf_x#9\`, as if the
helper did not exist. A function that several programs share must do with what all of them may call.

Without a target only what no kernel allows is reported, and as a warning what no kernel with longterm support allows. With targets the answer is that of each kernel.`,
    severity: "error",
    fix: "safe",
    examples: [
      {
        bad: `SEC("xdp")
int drop_tagged(struct xdp_md *ctx)
{
	__u8 tag;

	if (bpf_skb_load_bytes(ctx, 12, &tag, sizeof(tag)))
		return XDP_PASS;
	return tag == 0x81 ? XDP_DROP : XDP_PASS;
}`,
        good: `SEC("xdp")
int drop_tagged(struct xdp_md *ctx)
{
	__u8 tag;

	if (bpf_xdp_load_bytes(ctx, 12, &tag, sizeof(tag)))
		return XDP_PASS;
	return tag == 0x81 ? XDP_DROP : XDP_PASS;
}`,
        refused: { by: "kernel", says: "program of this type cannot use helper bpf_skb_load_bytes#26" },
      },
      {
        bad: `static __always_inline __u8 first_byte(struct __sk_buff *skb)
{
	__u8 byte = 0;

	bpf_xdp_load_bytes(skb, 0, &byte, sizeof(byte));
	return byte;
}

SEC("tc")
int pass_tagged(struct __sk_buff *skb)
{
	return first_byte(skb) ? TCX_PASS : TCX_DROP;
}`,
        good: `static __always_inline __u8 first_byte(struct __sk_buff *skb)
{
	__u8 byte = 0;

	bpf_skb_load_bytes(skb, 0, &byte, sizeof(byte));
	return byte;
}

SEC("tc")
int pass_tagged(struct __sk_buff *skb)
{
	return first_byte(skb) ? TCX_PASS : TCX_DROP;
}`,
        refused: { by: "kernel", says: "program of this type cannot use helper bpf_xdp_load_bytes#189" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    yield* notAllowed("helper", ctx);
  },
};
