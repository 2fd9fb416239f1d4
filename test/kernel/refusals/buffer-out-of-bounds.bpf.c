/*
 * expect: buffer-out-of-bounds
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("iter/bpf_map_elem")
int dump(struct bpf_iter__bpf_map_elem *ctx)
{
	char *key = ctx->key;

	if (!key)
		return 0;
	return key[-1] == 7; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
