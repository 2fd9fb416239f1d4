/** Rule: more bytes of the packet are used than the comparison with its end shows. */

import { flowOf } from "../flow/flow.ts";
import { fixOf, REFUSED, reportOf, usedIn } from "../for-rules/packet-checks.ts";
import type { Rule } from "../rule.ts";

export const shortPacketCheck: Rule = {
  walks: true,
  meta: {
    id: "short-packet-check",
    group: "paths",
    summary: "Comparison with the packet's end that shows too few bytes",
    rationale:
      "The verifier counts the bytes that a comparison with `data_end` has shown, and refuses a program that uses one more. Compare up to the end of the header that is used: `(void *)(ip + 1) > data_end`.",
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("xdp")
int time_to_live(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);

	if (data + sizeof(*eth) > data_end)
		return XDP_PASS;
	return ip->ttl > 1 ? XDP_PASS : XDP_DROP;
}`,
        good: `SEC("xdp")
int time_to_live(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);

	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;
	if (data + sizeof(*eth) > data_end)
		return XDP_PASS;
	return ip->ttl > 1 ? XDP_PASS : XDP_DROP;
}`,
        refused: { by: "kernel", says: "invalid access to packet" },
      },
      {
        bad: `SEC("tc")
int multicast(struct __sk_buff *skb)
{
	__u8 *data = (void *)(long)skb->data;
	void *data_end = (void *)(long)skb->data_end;

	if (data + 1 > data_end)
		return 0;
	return data[0] & 1 && data[5] == 0xfb ? 2 : 0;
}`,
        good: `SEC("tc")
int multicast(struct __sk_buff *skb)
{
	__u8 *data = (void *)(long)skb->data;
	void *data_end = (void *)(long)skb->data_end;

	if ((void *)(data + 6) > data_end)
		return 0;
	if (data + 1 > data_end)
		return 0;
	return data[0] & 1 && data[5] == 0xfb ? 2 : 0;
}`,
        refused: { by: "kernel", says: "invalid access to packet" },
      },
    ],
  },
  *check(ctx) {
    for (const found of flowOf(ctx).of("packet size")) {
      const { there, callee } = found.facts ?? {};
      const message = `${callee}() may read more than the ${there} bytes that are shown: adding the size to the pointer shows nothing, ${REFUSED}`;
      yield reportOf(found, message, ctx);
    }
    for (const found of flowOf(ctx).of("packet too short")) {
      const { needed, proven } = found.facts ?? {};
      const what = usedIn(found, ctx.model);
      const bytes = needed === 1 ? "1 byte" : `${needed} bytes`;
      const message = `${what} needs ${bytes} and the packet is only known to have ${proven}: ${REFUSED}`;
      yield { ...reportOf(found, message, ctx), ...fixOf(found, ctx) };
    }
  },
};
