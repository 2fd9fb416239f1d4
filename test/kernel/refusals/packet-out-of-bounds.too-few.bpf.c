/*
 * expect: packet-out-of-bounds
 * class: source
 * on: host, guest 6.1, guest 6.12
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int time_to_live(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct iphdr *ip = data + sizeof(struct ethhdr);

	if (data + sizeof(struct ethhdr) + 8 > end)
		return 0;
	return ip->ttl + ip->protocol; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
