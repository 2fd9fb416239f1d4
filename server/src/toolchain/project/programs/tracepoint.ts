/** A project on a tracepoint: programs that are started. */

import type { Kind } from "./kind.ts";

export const tracepoint: Kind = {
  id: "tracepoint",
  title: "Tracepoint",
  does: "reports every program that is started",
  since: "5.8",
  provoke: "ls",
  includes: ["bpf/bpf_core_read.h"],
  programs: [{ name: "on_exec", hook: { to: "tracepoint", group: "sched", name: "sched_process_exec" } }],
  output: {
    shape: "events",
    columns: [
      { field: "pid", title: "PID", as: "u32", width: 8 },
      { field: "parent", title: "PARENT", as: "u32", width: 8 },
      { field: "uid", title: "UID", as: "u32", width: 8 },
      { field: "comm", title: "COMMAND", as: "text", width: 16 },
      { field: "path", title: "PATH", as: "text", width: 0 },
    ],
  },
  header: `#define COMM_LEN 16
#define PATH_LEN 128

/* A program was started. */
struct event {
	__u32 pid;
	__u32 parent;
	__u32 uid;
	char comm[COMM_LEN];
	char path[PATH_LEN];
};`,
  source: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

SEC("tracepoint/sched/sched_process_exec")
int on_exec(struct trace_event_raw_sched_process_exec *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	/* The path lies behind the fixed fields; the lower half of this one says where. */
	const char *path = (const char *)ctx + (ctx->__data_loc_filename & 0xffff);
	struct event *event;

	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	/* The buffer is full because it is read too slowly: this event is lost. */
	if (!event)
		return 0;

	event->pid = bpf_get_current_pid_tgid() >> 32;
	/* Fields of the kernel's structures are read by CO-RE: their offsets are looked up in the kernel that runs. */
	event->parent = BPF_CORE_READ(task, real_parent, tgid);
	event->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	bpf_probe_read_kernel_str(event->path, sizeof(event->path), path);
	bpf_ringbuf_submit(event, 0);
	return 0;
}`,
};
