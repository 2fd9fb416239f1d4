import { expect, test } from "vitest";
import { wrongContextType } from "../../server/src/analysis/rules/wrong-context-type.ts";
import { checkFix, checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const reads = (section: string, type: string): string =>
  `SEC("${section}")\nint f(${type} *ctx) { return ctx->data; }\n`;

test("says what the program is given", () => {
  checkRule(
    wrongContextType,
    `
SEC("xdp") int f(struct __sk_buff *skb) { return skb->len; }
//             ^ f() takes a struct __sk_buff, but "xdp" programs get a struct xdp_md
SEC("tp/sched/sched_switch") int g(struct pt_regs *ctx) { return PT_REGS_PARM1(ctx); }
//                               ^ g() takes a struct pt_regs, but "tp/sched/sched_switch" programs get the fields of the tracepoint
SEC("fentry/do_exit") int h(struct pt_regs *ctx) { return ctx->di; }
//                        ^ h() takes a struct pt_regs, but "fentry/do_exit" programs get arguments, for BPF_PROG() to unpack
`,
  );
});

test("a context of which nothing is read is only a hint", () => {
  const severities = (body: string, before = ""): readonly string[] =>
    findingsIn(`${before}\nSEC("xdp") int f(struct __sk_buff *ctx) { ${body} }`, [wrongContextType]).map(
      ({ severity }) => severity,
    );
  expect(severities("return 0;")).toEqual(["hint"]);
  expect(severities("bpf_xdp_adjust_head(ctx, 4); return 0;")).toEqual(["hint"]);
  expect(severities("return any(ctx);", "static int any(void *ctx) { return 0; }")).toEqual(["hint"]);
  expect(severities("return len(ctx);", "static int len(struct __sk_buff *s) { return s->len; }")).toEqual(["warning"]);
  expect(severities("return ctx->len;")).toEqual(["warning"]);
});

test("only the name of the structure is replaced", () => {
  checkFix(wrongContextType, reads("tc", "const struct xdp_md"), reads("tc", "const struct __sk_buff"));
  const handsOn = (type: string): string => `SEC("kprobe/x")\nint f(${type} *ctx) { return g(ctx); }\n`;
  checkFix(wrongContextType, handsOn("struct xdp_md"), handsOn("struct pt_regs"));
});

test("right ones, plain pointers, structures of the project's own and those of tracepoints are left alone", () => {
  for (const source of [
    reads("xdp", "struct xdp_md"),
    reads("?xdp.frags", "struct xdp_md"),
    reads("cgroup_skb/egress", "struct __sk_buff"),
    reads("perf_event", "struct pt_regs"),
    reads("perf_event", "struct bpf_perf_event_data"),
    reads("uprobe/x", "struct pt_regs"),
    reads("usdt", "struct pt_regs"),
    reads("raw_tp/x", "struct bpf_raw_tracepoint_args"),
    reads("tp/x/y", "struct trace_event_raw_x"),
    reads("iter/task", "struct bpf_iter__task"),
    reads("xdp", "struct my_md"),
    reads("xdp", "void"),
    reads("tp/x/y", "u64"),
    reads("syscall", "struct __sk_buff"),
    reads("freplace/x", "struct __sk_buff"),
    reads("struct_ops/x", "struct sk_msg_md"),
    reads("own", "struct __sk_buff"),
    'SEC("xdp") int f(void) { return 0; }',
    'SEC("kprobe/x") int BPF_KPROBE(f, struct __sk_buff *skb) { return skb->len; }',
    'SEC("fentry/x") int BPF_PROG(f, struct bpf_sock *sk) { return sk->family; }',
  ])
    checkNoFindings(wrongContextType, source);
});

test("a name that the file gives a meaning of its own is left alone", () => {
  checkNoFindings(wrongContextType, `#define __sk_buff xdp_md\n${reads("xdp", "struct __sk_buff")}`);
});

test("the loader decides what a section is", () => {
  const source = reads("xdp_prog", "struct __sk_buff");
  checkNoFindings(wrongContextType, source);
  checkNoFindings(wrongContextType, reads("xdp", "struct __sk_buff"), { loader: "iproute2" });
  expect(findingsIn(source, [wrongContextType], { loader: "cilium/ebpf" })).toHaveLength(1);
});

test("no fix where the right structure has not what the code reads", () => {
  const header = '#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n#include <bpf/bpf_tracing.h>\n';
  for (const program of [
    'SEC("raw_tracepoint/kfree_skb")\nint f(struct pt_regs *ctx) { return ctx->ax; }',
    'SEC("raw_tracepoint/kfree_skb")\nint f(struct pt_regs *ctx) { return PT_REGS_RC(ctx); }',
    'SEC("xdp")\nint f(struct __sk_buff *skb) { return skb->mark; }',
    'static int g(struct __sk_buff *skb) { return skb->len; }\nSEC("xdp")\nint f(struct __sk_buff *skb) { return g(skb); }',
  ]) {
    expect(findingsIn(header + program, [wrongContextType])).toHaveLength(1);
    checkFix(wrongContextType, header + program, header + program);
  }
  const program = (type: string) =>
    `${header}SEC("kprobe/x")\nint f(struct ${type} *ctx) { return PT_REGS_PARM1(ctx); }`;
  checkFix(wrongContextType, program("__sk_buff"), program("pt_regs"));
});
