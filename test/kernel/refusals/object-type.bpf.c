/*
 * expect: object-type
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;

SEC("tc")
int make(struct __sk_buff *skb)
{
	u64 *number = bpf_obj_new_impl(__builtin_btf_type_id(*(u64 *)0, 0), 0); /* refused */

	if (number)
		bpf_obj_drop_impl(number, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
