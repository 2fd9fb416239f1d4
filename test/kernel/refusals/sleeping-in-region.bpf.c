/*
 * expect: sleeping-in-region
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

struct fetched {
	void *from;
};

SEC("syscall")
int fetch(struct fetched *wish)
{
	char text[16];

	bpf_rcu_read_lock();
	bpf_copy_from_user(text, sizeof(text), wish->from); /* refused */
	bpf_rcu_read_unlock();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
