/** Rule: a helper is given memory of the packet that takes none. */

import { flowOf } from "../flow/flow.ts";
import { REFUSED, reportOf } from "../for-rules/packet-checks.ts";
import type { Rule } from "../rule.ts";

export const packetGivenToHelper: Rule = {
  walks: true,
  meta: {
    id: "packet-given-to-helper",
    group: "paths",
    summary: "Packet given to a helper that takes none of its memory",
    rationale:
      "Only a few helpers take a pointer into the packet; for others the bytes are copied to the stack or to a map value first. Those few look up, update and delete map elements, look up sockets, make SYN cookies, and `bpf_csum_diff()`. `bpf_perf_event_output()` sends bytes of the packet when the context is its data and the number of bytes stands in the upper half of its flags.",
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("xdp")
int tell(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;

	if (data + 16 > data_end)
		return XDP_PASS;
	bpf_ringbuf_output(&events, data, 16, 0);
	return XDP_PASS;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("xdp")
int tell(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	__u8 first[16];

	if (data + 16 > data_end)
		return XDP_PASS;
	__builtin_memcpy(first, data, sizeof(first));
	bpf_ringbuf_output(&events, first, sizeof(first), 0);
	return XDP_PASS;
}`,
        refused: { by: "kernel", says: "helper access to the packet is not allowed" },
      },
    ],
  },
  *check(ctx) {
    for (const found of flowOf(ctx).of("packet given")) {
      const message = `${found.facts?.["to"]}() takes no memory of the packet: ${REFUSED}`;
      yield reportOf(found, message, ctx);
    }
  },
};
