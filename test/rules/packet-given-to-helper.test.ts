import { test } from "vitest";
import { packetGivenToHelper } from "../../server/src/analysis/rules/packet-given-to-helper.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const MAPS = `struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u32); __type(value, __u32); } seen SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); } events SEC(".maps");
`;
const program = (body: string): string => `${MAPS}SEC("xdp") int f(struct xdp_md *ctx) {
void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end; if (data + 34 > end) return 1;
${body}
return 1; }`;

test("helpers that take memory of the packet", () => {
  checkNoFindings(packetGivenToHelper, program("bpf_map_lookup_elem(&seen, data + 26);"));
  checkNoFindings(packetGivenToHelper, program("bpf_map_update_elem(&seen, data + 26, data + 30, 0);"));
  checkNoFindings(packetGivenToHelper, program("bpf_csum_diff(0, 0, data, 8, 0);"));
});

test("copies, and numbers", () => {
  checkNoFindings(
    packetGivenToHelper,
    program("__u32 from = *(__u32 *)(data + 26); bpf_perf_event_output(ctx, &events, 0, &from, sizeof(from));"),
  );
  checkNoFindings(packetGivenToHelper, program("bpf_perf_event_output(ctx, &events, (14ULL << 32), ctx, 0);"));
});

test("a helper that takes none", () => {
  checkRule(
    packetGivenToHelper,
    program(`bpf_perf_event_output(ctx, &events, 0, data, 14);
//                                     ^^^^ bpf_perf_event_output() takes no memory of the packet: the verifier refuses the program`),
  );
});
