/* Programs whose logs are kept beside this file: log.mjs in the tests says of which kernel each is. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

/* Refused: the result of the lookup may be NULL. */
SEC("tracepoint/syscalls/sys_enter_execve")
int count_unchecked(void *ctx)
{
	__u32 key = bpf_get_current_pid_tgid() >> 32;
	__u64 *value = bpf_map_lookup_elem(&counts, &key);

	*value += 1;
	return 0;
}

static __noinline int second_byte(void *data, void *end, __u32 offset)
{
	__u8 *byte = data + (offset & 15);

	if (byte + 1 > (__u8 *)end)
		return -1;
	return byte[1];
}

/* Refused in a called function: one byte is checked, two are read. */
SEC("xdp")
int read_behind(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	int byte;

	if (data + 4 > end)
		return XDP_PASS;
	byte = second_byte(data, end, *(__u32 *)data);
	return byte == 7 ? XDP_DROP : XDP_PASS;
}

static long take_one(__u32 index, void *context)
{
	__u64 *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		return 1;
	*event = index;
	if (index == 3)
		return 1;
	bpf_ringbuf_submit(event, 0);
	return 0;
}

/* Refused in a callback: what was reserved is not given back on one path. */
SEC("tracepoint/syscalls/sys_enter_openat")
int reserve_in_loop(void *ctx)
{
	bpf_loop(10, take_one, NULL, 0);
	return 0;
}

/* Refused before the first step. */
SEC("tracepoint/syscalls/sys_enter_kill")
int wait_for_ever(void *ctx)
{
	volatile int stop = 0;

	while (!stop)
		;
	return 0;
}

/* Refused: it may not be called from here. */
SEC("tracepoint/syscalls/sys_enter_dup")
int redirect_nothing(void *ctx)
{
	return bpf_redirect(1, 0);
}

__noinline int bounded(__u32 *value)
{
	return value ? *value & 7 : 0;
}

/* Accepted, with a global function and several paths. */
SEC("tc")
int classify(struct __sk_buff *skb)
{
	__u32 mark = skb->mark;
	__u32 sum = 0;

	for (int i = 0; i < 4; i++)
		sum += mark & (1u << i) ? i : 1;
	return bounded(&mark) + sum > 9 ? 2 : 0;
}
