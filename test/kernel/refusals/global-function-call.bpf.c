/*
 * expect: global-function-call
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct pair {
	__u64 first;
	__u64 second;
};

__noinline int sum(struct pair *pair)
{
	return pair ? pair->first + pair->second : 0;
}

SEC("tc")
int add(struct __sk_buff *skb)
{
	__u64 one = skb->len;

	return sum((struct pair *)&one); /* refused */
}

char LICENSE[] SEC("license") = "GPL";
