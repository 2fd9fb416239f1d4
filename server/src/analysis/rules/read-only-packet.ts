/** Rule: a program writes to the packet that may only read it. */

import { flowOf } from "../flow/flow.ts";
import { REFUSED, reportOf } from "../for-rules/packet-checks.ts";
import type { Rule } from "../rule.ts";

export const readOnlyPacket: Rule = {
  walks: true,
  meta: {
    id: "read-only-packet",
    group: "paths",
    summary: "Write to the packet in a program that may only read it",
    rationale:
      "Programs on cgroups, the input and output of lightweight tunnels, reuseport groups and the flow dissector may only read the packet. Programs of `xdp`, `tc`, `lwt_xmit`, `sk_skb` and `sk_msg` may write to it.",
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `SEC("cgroup_skb/egress")
int mark(struct __sk_buff *skb)
{
	__u8 *data = (void *)(long)skb->data;
	void *data_end = (void *)(long)skb->data_end;

	if (data + 2 > data_end)
		return 1;
	data[1] = 0x10;
	return 1;
}`,
        good: `SEC("tc")
int mark(struct __sk_buff *skb)
{
	__u8 *data = (void *)(long)skb->data;
	void *data_end = (void *)(long)skb->data_end;

	if (data + 2 > data_end)
		return 1;
	data[1] = 0x10;
	return 1;
}`,
        refused: { by: "kernel", says: "cannot write into packet" },
      },
    ],
  },
  *check(ctx) {
    for (const found of flowOf(ctx).of("packet written")) {
      const type = String(found.facts?.["type"]).replace("BPF_PROG_TYPE_", "").toLowerCase();
      const { by } = found.facts ?? {};
      const what = by === undefined ? "this writes to it" : `what ${by}() gives may be written to`;
      yield reportOf(found, `${type} programs may only read the packet, and ${what}: ${REFUSED}`, ctx);
    }
  },
};
