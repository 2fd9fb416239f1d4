/** A project on the packets that a network interface receives: counted by protocol. */

import type { Kind } from "./kind.ts";

export const xdp: Kind = {
  id: "xdp",
  title: "Received packets (XDP)",
  does: "counts the packets that an interface receives, by protocol",
  since: "5.9",
  includes: ["bpf/bpf_endian.h"],
  programs: [{ name: "count_packet", hook: { to: "interface" } }],
  output: {
    shape: "counters",
    key: "PROTOCOL",
    names: { 1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6" },
    size: 256,
    fields: ["packets", "bytes"],
  },
  header: `/* By the number of the IP protocol. */
#define COUNTERS 256

struct counter {
	__u64 packets;
	__u64 bytes;
};`,
  source: `/* vmlinux.h has types, and no macros. */
#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd

/* Each CPU counts for itself, so that nobody has to wait; whoever reads adds them up. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTERS);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

/* The number of the IP protocol, or -1 where the packet is no IP or is cut short. */
static __always_inline int protocol_of(void *data, void *data_end)
{
	struct ethhdr *ethernet = data;
	struct iphdr *ip = data + sizeof(*ethernet);
	struct ipv6hdr *ip6 = data + sizeof(*ethernet);

	/* The verifier lets nothing be read before it has been compared with the end. */
	if ((void *)(ethernet + 1) > data_end)
		return -1;

	if (ethernet->h_proto == bpf_htons(ETH_P_IP))
		return (void *)(ip + 1) > data_end ? -1 : ip->protocol;
	if (ethernet->h_proto == bpf_htons(ETH_P_IPV6))
		return (void *)(ip6 + 1) > data_end ? -1 : ip6->nexthdr;
	return -1;
}

SEC("xdp")
int count_packet(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	int protocol = protocol_of(data, data_end);
	struct counter *counter;
	__u32 key;

	if (protocol < 0)
		return XDP_PASS;

	key = protocol;
	counter = bpf_map_lookup_elem(&counters, &key);
	if (!counter)
		return XDP_PASS;

	counter->packets++;
	counter->bytes += data_end - data;
	/* XDP_DROP here would be a firewall. */
	return XDP_PASS;
}`,
};
