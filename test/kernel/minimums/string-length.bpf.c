/*
 * minimum: 6.17
 * lacks: bpf_strlen
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern int bpf_strlen(const char *s) __ksym;

const char name[] = "hookpoint";
int length;

SEC("syscall")
int measure(void *ctx)
{
	length = bpf_strlen(name);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
