/*
 * expect: too-many-things
 * class: limit
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define M(n) struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64); } m##n SEC(".maps");
#define EIGHT(d, n) d(n##0) d(n##1) d(n##2) d(n##3) d(n##4) d(n##5) d(n##6) d(n##7)
#define ALL(d) EIGHT(d, 0) EIGHT(d, 1) EIGHT(d, 2) EIGHT(d, 3) EIGHT(d, 4) EIGHT(d, 5) EIGHT(d, 6) EIGHT(d, 7) d(80)
#define LOOK(n) bpf_map_lookup_elem(&m##n, &key);
ALL(M)

SEC("tc")
int look(struct __sk_buff *skb) /* refused */
{
	__u32 key = 0;

	ALL(LOOK)
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
