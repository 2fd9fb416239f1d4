/** A project on a kernel function by fentry and fexit: reads that take long. */

import type { Kind } from "./kind.ts";

export const fentry: Kind = {
  id: "fentry",
  title: "Kernel function (fentry and fexit)",
  does: "reports reads that take longer than ten milliseconds",
  since: "5.8",
  provoke: "sh -c 'sleep 1 | cat'",
  includes: ["bpf/bpf_tracing.h"],
  programs: [
    { name: "on_read", hook: { to: "tracing" } },
    { name: "on_read_done", hook: { to: "tracing" } },
  ],
  output: {
    shape: "events",
    columns: [
      { field: "pid", title: "PID", as: "u32", width: 8 },
      { field: "comm", title: "COMMAND", as: "text", width: 16 },
      { field: "microseconds", title: "MICROSECONDS", as: "u64", width: 12 },
      { field: "bytes", title: "BYTES", as: "s64", width: 10 },
      { field: "file", title: "FILE", as: "text", width: 0 },
    ],
  },
  header: `#define COMM_LEN 16
#define FILE_LEN 64

/* A read took long. */
struct event {
	__u64 microseconds;
	/* Or an error, below zero. */
	__s64 bytes;
	__u32 pid;
	char comm[COMM_LEN];
	char file[FILE_LEN];
};`,
  source: `/* Shorter reads are not told. */
const volatile __u64 threshold_ns = 10 * 1000 * 1000;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

/* When each thread began the read that it is in. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, __u64);
	__type(value, __u64);
} starts SEC(".maps");

SEC("fentry/vfs_read")
int BPF_PROG(on_read)
{
	__u64 thread = bpf_get_current_pid_tgid();
	__u64 now = bpf_ktime_get_ns();

	bpf_map_update_elem(&starts, &thread, &now, BPF_ANY);
	return 0;
}

static __always_inline void report(struct file *file, __u64 thread, __u64 took_ns, __s64 bytes)
{
	struct event *event;

	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	/* The buffer is full because it is read too slowly: this event is lost. */
	if (!event)
		return;

	event->microseconds = took_ns / 1000;
	event->bytes = bytes;
	event->pid = thread >> 32;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	/* The verifier knows the types of the arguments, so that pointers are followed as in any C program. */
	bpf_probe_read_kernel_str(event->file, sizeof(event->file), file->f_path.dentry->d_name.name);
	bpf_ringbuf_submit(event, 0);
}

/* At the end of a function there are its arguments, and then what it returns. */
SEC("fexit/vfs_read")
int BPF_PROG(on_read_done, struct file *file, char *buffer, size_t count, loff_t *position, ssize_t ret)
{
	__u64 thread = bpf_get_current_pid_tgid();
	__u64 took_ns;
	__u64 *start;

	start = bpf_map_lookup_elem(&starts, &thread);
	/* This read began before we did. */
	if (!start)
		return 0;

	took_ns = bpf_ktime_get_ns() - *start;
	bpf_map_delete_elem(&starts, &thread);
	if (took_ns >= threshold_ns)
		report(file, thread, took_ns, ret);
	return 0;
}`,
};
