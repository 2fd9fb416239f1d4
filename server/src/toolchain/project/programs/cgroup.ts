/** A project on what the tasks of a cgroup do: connections that they open. */

import type { Kind } from "./kind.ts";

export const cgroup: Kind = {
  id: "cgroup",
  title: "Connections of a cgroup (cgroup/connect4)",
  does: "reports every connection over IPv4 that a task of a cgroup opens, and could refuse it",
  since: "5.8",
  provoke: "bash -c 'echo > /dev/tcp/127.0.0.1/80'",
  includes: ["bpf/bpf_endian.h"],
  programs: [{ name: "on_connect", hook: { to: "cgroup", attachType: "AttachCGroupInet4Connect" } }],
  output: {
    shape: "events",
    columns: [
      { field: "pid", title: "PID", as: "u32", width: 8 },
      { field: "uid", title: "UID", as: "u32", width: 8 },
      { field: "comm", title: "COMMAND", as: "text", width: 16 },
      { field: "address", title: "ADDRESS", as: "ipv4", width: 16 },
      { field: "port", title: "PORT", as: "u32", width: 0 },
    ],
  },
  header: `#define COMM_LEN 16

/* A task opens a connection. */
struct event {
	__u32 pid;
	__u32 uid;
	/* In the order of the network. */
	__u32 address;
	__u32 port;
	char comm[COMM_LEN];
};`,
  source: `/* What the program answers. */
#define REFUSE 0
#define ALLOW 1

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

SEC("cgroup/connect4")
int on_connect(struct bpf_sock_addr *ctx)
{
	struct event *event;

	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	/* The buffer is full because it is read too slowly: this event is lost. */
	if (!event)
		return ALLOW;

	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->uid = bpf_get_current_uid_gid();
	event->address = ctx->user_ip4;
	event->port = bpf_ntohs(ctx->user_port);
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	bpf_ringbuf_submit(event, 0);
	/* REFUSE here would be a firewall. */
	return ALLOW;
}`,
};
