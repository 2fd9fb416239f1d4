/*
 * expect: unreleased-reference
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;

SEC("tc")
int count(struct __sk_buff *skb)
{
	struct bpf_iter_num it;
	int sum = 0, *i;

	bpf_iter_num_new(&it, 0, 10); /* story */
	while ((i = bpf_iter_num_next(&it)))
		sum += *i;
	return sum; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
