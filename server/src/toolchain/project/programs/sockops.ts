/** A project on the life of TCP connections: those that are established in a cgroup. */

import type { Kind } from "./kind.ts";

export const sockops: Kind = {
  id: "sockops",
  title: "TCP connections (sockops)",
  does: "reports every TCP connection over IPv4 that is established in a cgroup, with its round-trip time",
  since: "5.8",
  provoke: "curl -4 https://kernel.org",
  includes: ["bpf/bpf_endian.h"],
  programs: [{ name: "on_tcp", hook: { to: "cgroup", attachType: "AttachCGroupSockOps" } }],
  output: {
    shape: "events",
    columns: [
      { field: "local_address", title: "LOCAL", as: "ipv4", width: 16 },
      { field: "local_port", title: "PORT", as: "u32", width: 6 },
      { field: "remote_address", title: "REMOTE", as: "ipv4", width: 16 },
      { field: "remote_port", title: "PORT", as: "u32", width: 6 },
      { field: "rtt_us", title: "MICROSECONDS", as: "u32", width: 0 },
    ],
  },
  header: `/* A connection is established. */
struct event {
	/* In the order of the network. */
	__u32 local_address;
	__u32 remote_address;
	__u32 local_port;
	__u32 remote_port;
	__u32 rtt_us;
};`,
  source: `/* vmlinux.h has types, and no macros. */
#define AF_INET 2

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

static __always_inline void report(struct bpf_sock_ops *ctx)
{
	struct event *event;

	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	/* The buffer is full because it is read too slowly: this event is lost. */
	if (!event)
		return;

	event->local_address = ctx->local_ip4;
	event->remote_address = ctx->remote_ip4;
	/* Of these two only the other's is in the order of the network. */
	event->local_port = ctx->local_port;
	event->remote_port = bpf_ntohl(ctx->remote_port);
	/* The kernel keeps eight times the value. */
	event->rtt_us = ctx->srtt_us >> 3;
	bpf_ringbuf_submit(event, 0);
}

SEC("sockops")
int on_tcp(struct bpf_sock_ops *ctx)
{
	switch (ctx->op) {
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		if (ctx->family == AF_INET)
			report(ctx);
		break;
	}
	return 1;
}`,
};
