/** A project on traffic control: what an interface receives and sends. */

import type { Kind } from "./kind.ts";

export const tc: Kind = {
  id: "tc",
  title: "Received and sent packets (tc)",
  does: "counts the packets that an interface receives and sends",
  since: "5.4",
  includes: [],
  programs: [
    { name: "count_ingress", hook: { to: "tc", direction: "ingress" } },
    { name: "count_egress", hook: { to: "tc", direction: "egress" } },
  ],
  output: {
    shape: "counters",
    key: "DIRECTION",
    names: { 0: "received", 1: "sent" },
    size: 2,
    fields: ["packets", "bytes"],
  },
  header: `enum traffic_direction {
	TRAFFIC_RECEIVED,
	TRAFFIC_SENT,
	COUNTERS,
};

struct counter {
	__u64 packets;
	__u64 bytes;
};`,
  source: `/* The packet goes on its way; vmlinux.h has types, and no macros. */
#define TC_ACT_OK 0

/* Each CPU counts for itself, so that nobody has to wait; whoever reads adds them up. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTERS);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

static __always_inline int count(struct __sk_buff *skb, __u32 direction)
{
	struct counter *counter;

	counter = bpf_map_lookup_elem(&counters, &direction);
	if (!counter)
		return TC_ACT_OK;

	counter->packets++;
	counter->bytes += skb->len;
	return TC_ACT_OK;
}

SEC("tc")
int count_ingress(struct __sk_buff *skb)
{
	return count(skb, TRAFFIC_RECEIVED);
}

SEC("tc")
int count_egress(struct __sk_buff *skb)
{
	return count(skb, TRAFFIC_SENT);
}`,
};
