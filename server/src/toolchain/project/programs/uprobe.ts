/** A project on a function of a library: host names that are looked up. */

import type { Kind } from "./kind.ts";

export const uprobe: Kind = {
  id: "uprobe",
  title: "Function of a library (uprobe)",
  does: "reports every host name that a program looks up with the C library",
  since: "5.8",
  provoke: "getent ahosts localhost",
  includes: ["bpf/bpf_tracing.h"],
  programs: [{ name: "on_lookup", hook: { to: "uprobe", library: "libc.so.6", symbol: "getaddrinfo" } }],
  output: {
    shape: "events",
    columns: [
      { field: "pid", title: "PID", as: "u32", width: 8 },
      { field: "uid", title: "UID", as: "u32", width: 8 },
      { field: "comm", title: "COMMAND", as: "text", width: 16 },
      { field: "host", title: "HOST", as: "text", width: 0 },
    ],
  },
  header: `#define COMM_LEN 16
#define HOST_LEN 128

/* A program asks for the addresses of a host. */
struct event {
	__u32 pid;
	__u32 uid;
	char comm[COMM_LEN];
	char host[HOST_LEN];
};`,
  source: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

/* Runs in every process that calls this function of this library. */
SEC("uprobe/libc.so.6:getaddrinfo")
int BPF_KPROBE(on_lookup, const char *host)
{
	struct event *event;

	/* The caller may leave the host out, to listen on any address. */
	if (!host)
		return 0;

	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	/* The buffer is full because it is read too slowly: this event is lost. */
	if (!event)
		return 0;

	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	/* The name lies in the memory of the process, which has a helper of its own. */
	if (bpf_probe_read_user_str(event->host, sizeof(event->host), host) < 0)
		event->host[0] = 0;
	bpf_ringbuf_submit(event, 0);
	return 0;
}`,
};
