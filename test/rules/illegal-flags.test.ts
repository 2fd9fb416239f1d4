import { expect, test } from "vitest";
import { illegalFlags } from "../../server/src/analysis/rules/illegal-flags.ts";
import { checkFix, findingsIn } from "../support/check.ts";

const file = (body: string, { type = "HASH", section = "xdp", before = "" } = {}) => `
struct { __uint(type, BPF_MAP_TYPE_${type}); } m SEC(".maps");
${before}
SEC("${section}")
int f(void *ctx) { ${body}; return 0; }
`;

const messagesOf = (...args: Parameters<typeof file>) =>
  findingsIn(file(...args), [illegalFlags]).map(({ message }) => message);

test("says which flag, what happens, and what would be taken", () => {
  expect(messagesOf("bpf_ringbuf_output(&m, ctx, 8, BPF_RB_NO_WAKEUP | BPF_F_CURRENT_CPU)")).toEqual([
    "bpf_ringbuf_output() returns -EINVAL with BPF_F_CURRENT_CPU: it takes BPF_RB_NO_WAKEUP and BPF_RB_FORCE_WAKEUP",
  ]);
  expect(messagesOf("bpf_ringbuf_reserve(&m, 8, 1)")).toEqual([
    "bpf_ringbuf_reserve() returns NULL with 1: it takes no flags yet",
  ]);
  expect(messagesOf("bpf_redirect(1, 8)", { section: "tc" })).toEqual([
    "bpf_redirect() drops the packet with 8: it takes BPF_F_INGRESS",
  ]);
});

test("the right flags stay", () => {
  checkFix(
    illegalFlags,
    file("bpf_ringbuf_output(&m, ctx, 8, BPF_RB_NO_WAKEUP | BPF_F_CURRENT_CPU)"),
    file("bpf_ringbuf_output(&m, ctx, 8, BPF_RB_NO_WAKEUP)"),
  );
  checkFix(illegalFlags, file("bpf_loop(1, cb, 0, BPF_EXIST)"), file("bpf_loop(1, cb, 0, 0)"));
});

test("the same flag in XDP and elsewhere", () => {
  expect(messagesOf("bpf_redirect(1, BPF_F_INGRESS)", { section: "tc" })).toEqual([]);
  expect(messagesOf("bpf_redirect(1, BPF_F_INGRESS)", { section: "xdp" })).toEqual([
    "bpf_redirect() returns XDP_ABORTED with BPF_F_INGRESS: it takes no flags yet",
  ]);
  expect(messagesOf("bpf_redirect(1, BPF_F_INGRESS)", { section: "mine" })).toEqual([]);
  const assign = "bpf_sk_assign(ctx, sk, BPF_SK_LOOKUP_F_REPLACE)";
  expect(messagesOf(assign, { section: "sk_lookup" })).toEqual([]);
  expect(messagesOf(assign, { section: "mine" })).toEqual([]);
  expect(messagesOf(assign, { section: "tc" })).toHaveLength(1);
});

test("values and numbers among the flags", () => {
  for (const call of [
    "bpf_timer_init(t, &m, CLOCK_BOOTTIME)",
    "bpf_redirect_map(&m, 0, XDP_DROP)",
    "bpf_redirect_map(&m, 0, BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS)",
    "bpf_l4_csum_replace(ctx, 0, 1, 2, BPF_F_PSEUDO_HDR | 2)",
    "bpf_l4_csum_replace(ctx, 0, 1, 2, BPF_F_PSEUDO_HDR | sizeof(__u32))",
    "bpf_strtol(s, 8, 16, &n)",
    "bpf_skb_adjust_room(ctx, 8, 1, BPF_F_ADJ_ROOM_ENCAP_L2(14) | BPF_F_ADJ_ROOM_FIXED_GSO)",
    "bpf_sysctl_get_name(ctx, s, 8, 64)",
  ])
    expect(messagesOf(call)).toEqual([]);
  expect(messagesOf("bpf_timer_init(t, &m, 2)")).toEqual([
    "bpf_timer_init() returns -EINVAL with 2: it takes CLOCK_MONOTONIC, CLOCK_REALTIME and CLOCK_BOOTTIME",
  ]);
  expect(messagesOf("bpf_redirect_map(&m, 0, BPF_F_BROADCAST | 64)")).toEqual([
    "bpf_redirect_map() returns XDP_ABORTED with 64: it takes BPF_F_BROADCAST and BPF_F_EXCLUDE_INGRESS",
  ]);
  checkFix(
    illegalFlags,
    file("bpf_timer_init(t, &m, CLOCK_MONOTONIC | 2)"),
    file("bpf_timer_init(t, &m, CLOCK_MONOTONIC)"),
  );
});

test("an array's elements all exist", () => {
  const call = "bpf_map_update_elem(&m, ctx, ctx, BPF_NOEXIST)";
  expect(messagesOf(call)).toEqual([]);
  for (const type of ["ARRAY", "PERCPU_ARRAY"])
    expect(messagesOf(call, { type })).toEqual([
      "bpf_map_update_elem() always returns -EEXIST here: m is an array, whose elements all exist",
    ]);
});

test("flags of bpf_map_update_elem()", () => {
  for (const flags of ["BPF_ANY", "BPF_EXIST", "BPF_EXIST | BPF_F_LOCK", "BPF_F_CPU | (1ULL << 32)", "2"])
    expect(messagesOf(`bpf_map_update_elem(&m, ctx, ctx, ${flags})`)).toEqual([]);
  expect(messagesOf("bpf_map_update_elem(&m, ctx, ctx, BPF_EXIST | BPF_NOEXIST)")).toEqual([
    "bpf_map_update_elem() returns -EINVAL with BPF_NOEXIST and BPF_EXIST: they exclude each other",
  ]);
  expect(messagesOf("bpf_map_update_elem(&m, ctx, ctx, BPF_F_CURRENT_CPU)")).toEqual([
    "bpf_map_update_elem() returns -EINVAL with BPF_F_CURRENT_CPU: it takes BPF_ANY, BPF_NOEXIST, BPF_EXIST, BPF_F_LOCK, BPF_F_CPU and BPF_F_ALL_CPUS",
  ]);
});

test("the ring of CPU 0 is said quietly", () => {
  const found = findingsIn(file("bpf_perf_event_output(ctx, &m, 0, ctx, 8)", { type: "PERF_EVENT_ARRAY" }), [
    illegalFlags,
  ]);
  expect(found.map(({ severity }) => severity)).toEqual(["info"]);
  expect(messagesOf("bpf_perf_event_output(ctx, &m, cpu, ctx, 8)")).toEqual([]);
  expect(messagesOf("bpf_perf_event_output(ctx, &m, BPF_F_CURRENT_CPU | (8ULL << 32), ctx, 8)")).toEqual([]);
  // All bits are more than it takes.
  expect(messagesOf("bpf_perf_event_output(ctx, &m, -1, ctx, 8)")).toEqual([
    "bpf_perf_event_output() returns -EINVAL with -1: it takes BPF_F_CURRENT_CPU",
  ]);
});

test("what helpers take", () => {
  for (const call of [
    "bpf_get_stackid(ctx, &m, BPF_F_USER_STACK | BPF_F_REUSE_STACKID | 2)",
    "bpf_get_stack(ctx, b, 8, BPF_F_USER_STACK | BPF_F_USER_BUILD_ID)",
    "bpf_task_storage_get(&m, t, 0, BPF_LOCAL_STORAGE_GET_F_CREATE)",
    "bpf_sk_storage_get(&m, t, 0, BPF_SK_STORAGE_GET_F_CREATE)",
    "bpf_map_push_elem(&m, ctx, BPF_EXIST)",
    "bpf_skb_store_bytes(ctx, 0, ctx, 1, BPF_F_RECOMPUTE_CSUM | BPF_F_INVALIDATE_HASH)",
    // Looked at by nobody.
    "bpf_ringbuf_submit(ctx, 64)",
  ])
    expect(messagesOf(call)).toEqual([]);
});

test("silent where the value is not known", () => {
  for (const flags of ["flags", "MY_FLAGS", "BPF_F_CURRENT_CPU | MINE", "get()", "x ? 1 : 0"])
    expect(messagesOf(`bpf_loop(1, cb, 0, ${flags})`)).toEqual([]);
  expect(messagesOf("bpf_loop(1, cb, 0, MINE)", { before: "#define MINE 4" })).toHaveLength(1);
  expect(messagesOf("bpf_loop(1, cb, 0, BPF_EXIST)", { before: "#define BPF_EXIST 0" })).toEqual([]);
  expect(messagesOf("bpf_loop(1, cb, 0, 1)", { before: "#define bpf_loop(a, b, c, d) 0" })).toEqual([]);
  expect(messagesOf("bpf_loop(1, cb, 1")).toEqual([]);
});
