/*
 * expect: iterator-uninitialised
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

SEC("tc")
int count(struct __sk_buff *skb)
{
	struct bpf_iter_num it;
	int *i = bpf_iter_num_next(&it); /* refused */

	bpf_iter_num_destroy(&it);
	return i ? 1 : 0;
}

char LICENSE[] SEC("license") = "GPL";
