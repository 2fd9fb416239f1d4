/** A project on a kernel function by kprobe: files that are removed. */

import type { Kind } from "./kind.ts";

export const kprobe: Kind = {
  id: "kprobe",
  title: "Kernel function (kprobe)",
  does: "reports every file that is removed",
  since: "5.8",
  provoke: "touch /tmp/gone && rm /tmp/gone",
  includes: ["bpf/bpf_core_read.h", "bpf/bpf_tracing.h"],
  programs: [{ name: "on_unlink", hook: { to: "kprobe", symbol: "do_unlinkat" } }],
  output: {
    shape: "events",
    columns: [
      { field: "pid", title: "PID", as: "u32", width: 8 },
      { field: "uid", title: "UID", as: "u32", width: 8 },
      { field: "comm", title: "COMMAND", as: "text", width: 16 },
      { field: "path", title: "PATH", as: "text", width: 0 },
    ],
  },
  header: `#define COMM_LEN 16
#define PATH_LEN 128

/* A file is about to be removed. */
struct event {
	__u32 pid;
	__u32 uid;
	char comm[COMM_LEN];
	char path[PATH_LEN];
};`,
  source: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

/* Any function of the kernel can be probed, but none of them is promised to stay as it is. */
SEC("kprobe/do_unlinkat")
int BPF_KPROBE(on_unlink, int dfd, struct filename *name)
{
	struct event *event;

	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	/* The buffer is full because it is read too slowly: this event is lost. */
	if (!event)
		return 0;

	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	/* The arguments of a kprobe are mere numbers: what they point to must be read by a helper. */
	bpf_probe_read_kernel_str(event->path, sizeof(event->path), BPF_CORE_READ(name, name));
	bpf_ringbuf_submit(event, 0);
	return 0;
}`,
};
