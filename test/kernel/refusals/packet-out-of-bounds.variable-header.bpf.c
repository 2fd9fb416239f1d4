/*
 * expect: packet-out-of-bounds
 * class: source
 */
#include <linux/bpf.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int port_of(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct iphdr *ip = data;
	struct tcphdr *tcp;

	if (data + sizeof(*ip) + sizeof(*tcp) > end)
		return XDP_PASS;
	tcp = data + ip->ihl * 4;
	return tcp->dest == 80 ? XDP_DROP : XDP_PASS; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
