/*
 * expect: scalar-dereference
 * class: source
 * on: host, guest 6.1, guest 6.12
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int push(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct ethhdr *eth = data;

	if (data + sizeof(*eth) > end)
		return 0;
	if (bpf_skb_vlan_push(skb, 0x81, 7)) /* story */
		return 0;
	return eth->h_dest[0]; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
