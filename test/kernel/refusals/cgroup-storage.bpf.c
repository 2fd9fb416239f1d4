/*
 * expect: cgroup-storage
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_STORAGE);
	__type(key, struct bpf_cgroup_storage_key);
	__type(value, __u64);
} bytes SEC(".maps"), packets SEC(".maps");

SEC("cgroup_skb/egress")
int count(struct __sk_buff *skb) /* refused */
{
	__u64 *one = bpf_get_local_storage(&bytes, 0);
	__u64 *other = bpf_get_local_storage(&packets, 0);

	*one += skb->len;
	*other += 1;
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
