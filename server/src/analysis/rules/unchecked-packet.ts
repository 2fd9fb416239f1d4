/** Rule: bytes of the packet are used, and no comparison with its end shows on this path that they are there. */

import { flowOf } from "../flow/flow.ts";
import { fixOf, REFUSED, reportOf, usedIn } from "../for-rules/packet-checks.ts";
import type { Rule } from "../rule.ts";

export const uncheckedPacket: Rule = {
  walks: true,
  meta: {
    id: "unchecked-packet",
    group: "paths",
    summary: "Packet used without a comparison with its end",
    rationale:
      "The verifier lets a program use those bytes of a packet of which a comparison with `data_end` has shown that they are there. The comparison must be with the pointer itself, or with one that is a constant away from it: after a number that is known only when the program runs was added, the new pointer is compared again. A length, such as `data_end - data`, shows nothing.",
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("xdp")
int only_ipv4(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;

	if (eth->h_proto != bpf_htons(0x0800))
		return XDP_DROP;
	return data == data_end ? XDP_DROP : XDP_PASS;
}`,
        good: `SEC("xdp")
int only_ipv4(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	if (eth->h_proto != bpf_htons(0x0800))
		return XDP_DROP;
	return data == data_end ? XDP_DROP : XDP_PASS;
}`,
        refused: { by: "kernel", says: "invalid access to packet" },
      },
      {
        bad: `SEC("xdp")
int to_web(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp;

	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;
	tcp = (void *)ip + ip->ihl * 4;
	return tcp->dest == bpf_htons(80) ? XDP_DROP : XDP_PASS;
}`,
        good: `SEC("xdp")
int to_web(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp;

	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;
	tcp = (void *)ip + ip->ihl * 4;
	if ((void *)(tcp + 1) > data_end)
		return XDP_PASS;
	return tcp->dest == bpf_htons(80) ? XDP_DROP : XDP_PASS;
}`,
        refused: { by: "kernel", says: "invalid access to packet" },
      },
    ],
  },
  *check(ctx) {
    const flow = flowOf(ctx);
    for (const found of flow.of("packet unchecked")) {
      const message = `no comparison with the packet's end is before ${usedIn(found, ctx.model)}: ${REFUSED}`;
      yield { ...reportOf(found, message, ctx), ...fixOf(found, ctx) };
    }
    for (const found of flow.of("packet end used"))
      yield reportOf(found, `the end of the packet is used, where no byte of it is any more: ${REFUSED}`, ctx);
    for (const found of flow.of("packet moved")) {
      const message = `the pointer was moved and not compared since, before ${usedIn(found, ctx.model)}: ${REFUSED}`;
      yield { ...reportOf(found, message, ctx), ...fixOf(found, ctx) };
    }
  },
};
