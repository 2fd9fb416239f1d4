// Reports every execve() through a ring buffer and counts them per user.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "event.h"

/* /sys/kernel/tracing/events/syscalls/sys_enter_execve/format */
struct execve_enter {
	__u64 common;
	__u64 syscall_nr;
	const char *path;
	const char *const *argv;
	const char *const *envp;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} execs_by_uid SEC(".maps");

static __always_inline void count_exec(__u32 uid)
{
	__u64 one = 1;
	__u64 *count;

	count = bpf_map_lookup_elem(&execs_by_uid, &uid);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&execs_by_uid, &uid, &one, BPF_NOEXIST);
}

SEC("tracepoint/syscalls/sys_enter_execve")
int on_execve(struct execve_enter *ctx)
{
	__u32 uid = bpf_get_current_uid_gid();
	struct exec_event *event;
	const char *arg = NULL;

	count_exec(uid);

	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event)
		return 0;

	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->uid = uid;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	bpf_probe_read_user_str(event->path, sizeof(event->path), ctx->path);

	event->first_arg[0] = '\0';
	bpf_probe_read(&arg, sizeof(arg), &ctx->argv[1]);
	if (arg)
		bpf_probe_read_user_str(event->first_arg, sizeof(event->first_arg), arg);

	bpf_ringbuf_submit(event, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
