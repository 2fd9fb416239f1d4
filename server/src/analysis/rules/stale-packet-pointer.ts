/** Rule: a pointer into the packet is used after a call that may move or cut the packet. */

import { flowOf } from "../flow/flow.ts";
import { REFUSED, reportOf, usedIn } from "../for-rules/packet-checks.ts";
import { readAgain } from "../for-rules/read-again.ts";
import { lackingSince } from "../for-rules/verdicts.ts";
import type { Rule } from "../rule.ts";

export const stalePacketPointer: Rule = {
  walks: true,
  meta: {
    id: "stale-packet-pointer",
    group: "paths",
    summary: "Pointer into the packet from before a call that may change it",
    rationale:
      "Helpers such as `bpf_xdp_adjust_head()` may move or cut the packet: after them the verifier knows of no pointer into it. `bpf_skb_pull_data()`, `bpf_skb_store_bytes()`, `bpf_l3_csum_replace()` and `bpf_tail_call()` are among them. Read `data` and `data_end` from the context again, and compare again.",
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("tc")
int push(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *data_end = (void *)(long)skb->data_end;
	struct ethhdr *eth = data;

	if (data + sizeof(*eth) > data_end)
		return 0;
	bpf_skb_vlan_push(skb, bpf_htons(0x8100), 7);
	return eth->h_dest[0] & 1 ? 2 : 0;
}`,
        good: `SEC("tc")
int push(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *data_end = (void *)(long)skb->data_end;
	struct ethhdr *eth = data;

	if (data + sizeof(*eth) > data_end)
		return 0;
	bpf_skb_vlan_push(skb, bpf_htons(0x8100), 7);
	data = (void *)(long)skb->data;
	data_end = (void *)(long)skb->data_end;
	eth = data;
	if (data + sizeof(*eth) > data_end)
		return 0;
	return eth->h_dest[0] & 1 ? 2 : 0;
}`,
        refused: { by: "kernel", says: "invalid mem access 'scalar'" },
      },
    ],
  },
  *check(ctx) {
    const flow = flowOf(ctx);
    for (const found of [...flow.of("packet changed"), ...flow.of("packet slice changed")]) {
      const { by, since } = found.facts ?? {};
      // Older kernels let it pass.
      if (typeof since === "string" && lackingSince(since, ctx).length > 0) continue;
      const message = `${by}() may change the packet, and ${usedIn(found, ctx.model)} is from before: ${REFUSED}`;
      const fix = readAgain(found, ctx.model);
      yield { ...reportOf(found, message, ctx), ...(fix && { fixes: [fix] }) };
    }
  },
};
