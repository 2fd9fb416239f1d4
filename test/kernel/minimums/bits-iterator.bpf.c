/*
 * minimum: 6.11
 * lacks: bpf_iter_bits
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern int bpf_iter_bits_new(struct bpf_iter_bits *it, const u64 *unsafe_ptr__ign, u32 nr_words) __ksym;
extern int *bpf_iter_bits_next(struct bpf_iter_bits *it) __ksym;
extern void bpf_iter_bits_destroy(struct bpf_iter_bits *it) __ksym;

SEC("tp_btf/sched_process_exec")
int count(void *ctx)
{
	struct bpf_iter_bits it;
	u64 word = 5;

	bpf_iter_bits_new(&it, &word, 1);
	bpf_iter_bits_next(&it);
	bpf_iter_bits_destroy(&it);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
