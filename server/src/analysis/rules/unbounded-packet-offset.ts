/** Rule: a pointer into the packet is moved by a number that may be larger than packets are. */

import { flowOf } from "../flow/flow.ts";
import { REFUSED, reportOf, usedIn } from "../for-rules/packet-checks.ts";
import type { Rule } from "../rule.ts";

export const unboundedPacketOffset: Rule = {
  walks: true,
  meta: {
    id: "unbounded-packet-offset",
    group: "paths",
    summary: "Packet pointer moved by a number without a bound",
    rationale:
      "Where a pointer may lead further than 65535 bytes into the packet, the verifier lets no comparison with `data_end` count. Bound the number before it is added: `off &= 0xfff`, or `if (off > 1500) return …`. A 64-bit number of which nothing is known may be negative, and is refused where it is added.",
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `SEC("xdp")
int last(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	__u8 *end;

	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;
	end = (__u8 *)ip + bpf_ntohs(ip->tot_len);
	if ((void *)(end + 1) > data_end)
		return XDP_PASS;
	return *end ? XDP_PASS : XDP_DROP;
}`,
        good: `SEC("xdp")
int last(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	__u8 *end;

	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;
	end = (__u8 *)ip + (bpf_ntohs(ip->tot_len) & 0x7ff);
	if ((void *)(end + 1) > data_end)
		return XDP_PASS;
	return *end ? XDP_PASS : XDP_DROP;
}`,
        refused: { by: "kernel", says: "invalid access to packet" },
      },
      {
        bad: `SEC("xdp")
int jump(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	__u64 skip;

	if (data + 8 > data_end)
		return XDP_PASS;
	skip = *(__u64 *)data;
	data += skip;
	if (data + 1 > data_end)
		return XDP_PASS;
	return *data ? XDP_PASS : XDP_DROP;
}`,
        good: `SEC("xdp")
int jump(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	__u64 skip;

	if (data + 8 > data_end)
		return XDP_PASS;
	skip = *(__u64 *)data;
	data += skip & 0xff;
	if (data + 1 > data_end)
		return XDP_PASS;
	return *data ? XDP_PASS : XDP_DROP;
}`,
        refused: { by: "kernel", says: "unbounded min value" },
      },
    ],
  },
  *check(ctx) {
    const flow = flowOf(ctx);
    for (const found of flow.of("packet far")) {
      const used = usedIn(found, ctx.model);
      const message = `the pointer may lead beyond 65535 bytes, so no comparison counts before ${used}: ${REFUSED}`;
      yield reportOf(found, message, ctx);
    }
    for (const found of flow.of("packet math")) {
      const amount = found.facts?.["amount"];
      const what =
        amount === undefined ? "a 64-bit number that may be anything" : `${amount}, which is more than 2^29,`;
      yield reportOf(found, `${what} is added to a pointer into the packet: ${REFUSED}`, ctx);
    }
  },
};
