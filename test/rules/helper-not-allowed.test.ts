import { expect, test } from "vitest";
import { helperNotAllowed } from "../../server/src/analysis/rules/helper-not-allowed.ts";
import { checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

test("says which helper is for these programs", () => {
  checkRule(
    helperNotAllowed,
    `
SEC("xdp")
int f(struct xdp_md *ctx) { return bpf_skb_store_bytes(ctx, 0, &ctx, 4, 0); }
//                                 ^^^^^^^^^^^^^^^^^^^ xdp programs cannot call bpf_skb_store_bytes() on any kernel; they have bpf_xdp_store_bytes()
`,
  );
});

test("what a newer kernel allows is silent without targets, and told with them", () => {
  const source = `
SEC("socket")
int f(struct __sk_buff *skb) { return bpf_get_current_pid_tgid(); }
`;
  checkNoFindings(helperNotAllowed, source);
  checkNoFindings(helperNotAllowed, source, { target: "6.12" });
  checkRule(
    helperNotAllowed,
    `${source}//                                    ^^^^^^^^^^^^^^^^^^^^^^^^ socket programs cannot call bpf_get_current_pid_tgid() on 5.15: first in 6.10\n`,
    { target: "5.15, 6.12" },
  );
});

test("a target that has no such helper, or no such programs, is another rule's business", () => {
  checkNoFindings(helperNotAllowed, `SEC("tc")\nint f(void *ctx) { return bpf_loop(1, 0, 0, 0); }`, { target: "5.10" });
  checkNoFindings(helperNotAllowed, `SEC("lsm/file_open")\nint f(void *ctx) { return bpf_ktime_get_ns(); }`, {
    target: "5.4",
  });
  checkNoFindings(helperNotAllowed, `SEC("lsm_cgroup/socket_bind")\nint f(void *ctx) { return bpf_get_retval(); }`, {
    target: "5.19",
  });
});

test("through functions, with the programs that run them", () => {
  checkRule(
    helperNotAllowed,
    `
static int inner(void *ctx) { return bpf_skb_load_bytes(ctx, 0, ctx, 1); }
//                                   ^^^^^^^^^^^^^^^^^^ xdp programs cannot call bpf_skb_load_bytes() on any kernel, and a() and b() run this
static int outer(void *ctx) { return inner(ctx); }
SEC("xdp")
int a(struct xdp_md *ctx) { return outer(ctx); }
SEC("tc")
int c(struct __sk_buff *ctx) { return outer(ctx); }
SEC("xdp")
int b(struct xdp_md *ctx) { return inner(ctx); }
`,
  );
});

test("a callback runs in the program that hands it over", () => {
  const [finding] = findingsIn(
    `
static int each(__u32 i, void *skb) { return bpf_skb_load_bytes(skb, 0, skb, 1); }
SEC("xdp")
int f(struct xdp_md *ctx) { return bpf_loop(4, each, ctx, 0); }
`,
    [helperNotAllowed],
  );
  expect(finding?.message).toContain("and f() runs this");
  expect(finding?.related?.map(({ message }) => message)).toEqual(["f() is such a program"]);
});

test("a shared function that asks first may ask which program it is in", () => {
  checkNoFindings(
    helperNotAllowed,
    `
static int load(void *ctx, int is_skb)
{
	if (is_skb)
		return bpf_skb_load_bytes(ctx, 0, ctx, 1);
	return bpf_xdp_load_bytes(ctx, 0, ctx, 1);
}
SEC("xdp")
int a(struct xdp_md *ctx) { return load(ctx, 0); }
SEC("tc")
int b(struct __sk_buff *ctx) { return load(ctx, 1); }
`,
  );
});

test("one that asks a flag is silent even where all its programs are alike", () => {
  checkNoFindings(
    helperNotAllowed,
    `
static int load(void *ctx, int is_skb) { return is_skb ? bpf_skb_load_bytes(ctx, 0, ctx, 1) : 0; }
SEC("xdp")
int a(struct xdp_md *ctx) { return load(ctx, 0); }
`,
  );
});

test("guarded, or left out by the compiler", () => {
  for (const condition of [
    "bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_skb_load_bytes)",
    "LINUX_KERNEL_VERSION >= KERNEL_VERSION(6, 1, 0)",
    "IS_SKB",
    "is_defined(WITH_SKB)",
    "use_skb",
  ])
    checkNoFindings(
      helperNotAllowed,
      `
const volatile bool use_skb;
SEC("xdp")
int f(struct xdp_md *ctx) { if (${condition}) bpf_skb_load_bytes(ctx, 0, ctx, 1); return 0; }
`,
    );
  checkNoFindings(
    helperNotAllowed,
    `
#ifdef WITH_SKB
SEC("xdp")
int f(struct xdp_md *ctx) { return bpf_skb_load_bytes(ctx, 0, ctx, 1); }
#endif
`,
  );
});

test("a condition of the program's own does not hide it", () => {
  expect(
    findingsIn(
      `SEC("xdp")\nint f(struct xdp_md *ctx) { if (ctx->data) bpf_skb_load_bytes(ctx, 0, ctx, 1); return 0; }`,
      [helperNotAllowed],
    ),
  ).toHaveLength(1);
});

test("silent where the file does not tell", () => {
  for (const source of [
    // Nobody knows what it replaces.
    'SEC("freplace/x")\nint f(void *ctx) { return bpf_skb_load_bytes(ctx, 0, ctx, 1); }',
    // Whose operations these are.
    'SEC("struct_ops/x")\nint f(void *ctx) { return bpf_skb_load_bytes(ctx, 0, ctx, 1); }',
    // The author's own section, and one of a macro.
    'SEC("mine")\nint f(void *ctx) { return bpf_skb_load_bytes(ctx, 0, ctx, 1); }',
    "SEC(MY_SECTION)\nint f(void *ctx) { return bpf_skb_load_bytes(ctx, 0, ctx, 1); }",
    // A kind of program that no release has.
    'SEC("fentry.multi/x")\nint f(void *ctx) { return bpf_ktime_get_ns(); }',
    // Never called.
    "static int f(void *ctx) { return bpf_skb_load_bytes(ctx, 0, ctx, 1); }",
    // The file's own.
    'static int bpf_skb_load_bytes(void *c) { return 0; }\nSEC("xdp")\nint f(void *ctx) { return bpf_skb_load_bytes(ctx); }',
    '#define bpf_skb_load_bytes(c) 0\nSEC("xdp")\nint f(void *ctx) { return bpf_skb_load_bytes(ctx); }',
    // The iterators over TCP and Unix sockets allow it.
    'SEC("iter/tcp")\nint f(void *ctx) { return bpf_setsockopt(ctx, 0, 0, 0, 0); }',
  ])
    checkNoFindings(helperNotAllowed, source);
});

test("operations that the file names", () => {
  checkRule(
    helperNotAllowed,
    `
SEC("struct_ops")
void f(struct sock *sk) { bpf_skb_load_bytes(sk, 0, sk, 1); }
//                        ^^^^^^^^^^^^^^^^^^ tcp_congestion_ops programs cannot call bpf_skb_load_bytes() on any kernel
SEC(".struct_ops")
struct tcp_congestion_ops mine = { .init = (void *)f, .name = "mine" };
`,
  );
});

test("through libbpf's macros", () => {
  checkRule(
    helperNotAllowed,
    `
SEC("tc")
int f(struct __sk_buff *skb) { return BPF_CORE_READ(skb, len); }
//                                    ^^^^^^^^^^^^^ tc programs cannot call bpf_probe_read_kernel() (by BPF_CORE_READ()) on 5.7: first in 5.9, perhaps in 5.8
`,
    { target: "5.7" },
  );
});

test("what another loader makes of the section decides", () => {
  const source = 'SEC("action")\nint f(struct __sk_buff *skb) { return bpf_xdp_load_bytes(skb, 0, skb, 1); }';
  expect(findingsIn(source, [helperNotAllowed], { loader: "cilium/ebpf" })).toHaveLength(1);
  expect(findingsIn(source.replace("action", "prog"), [helperNotAllowed], { loader: "iproute2" })).toEqual([]);
});

test("a helper under a name of the file's own", () => {
  checkRule(
    helperNotAllowed,
    `
static u32 (*hash_of)(void *ctx) = (void *)34;
static u32 (*mark_of)(void *ctx) = (void *) BPF_FUNC_skb_load_bytes;
static int (*other)(void *ctx) = (void *) NUMBER;
SEC("xdp")
int f(struct xdp_md *ctx) { return
    hash_of(ctx) +
//  ^^^^^^^ xdp programs cannot call bpf_get_hash_recalc() (by hash_of()) on any kernel
    mark_of(ctx) + other(ctx); }
//  ^^^^^^^ xdp programs cannot call bpf_skb_load_bytes() (by mark_of()) on any kernel
`,
  );
});

test("what no kernel with longterm support lets them call", () => {
  const source = `
SEC("kprobe/f")
int f(struct pt_regs *ctx) { return bpf_ktime_get_coarse_ns() == 1; }
`;
  checkRule(
    helperNotAllowed,
    `${source}//                                  ^^^^^^^^^^^^^^^^^^^^^^^ kprobe programs cannot call bpf_ktime_get_coarse_ns() from 5.15 on\n`,
  );
  checkNoFindings(helperNotAllowed, source, { target: "5.11" });
  checkNoFindings(helperNotAllowed, source.replace("kprobe/f", "xdp"));
});
