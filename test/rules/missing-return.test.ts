import { expect, test } from "vitest";
import { missingReturn } from "../../server/src/analysis/rules/missing-return.ts";
import { checkFix, checkNoFindings, findingsIn } from "../support/check.ts";

const told = (text: string) =>
  findingsIn(text, [missingReturn]).map(({ severity, message }) => `${severity}: ${message}`);

test("a path without a return, in programs only", () => {
  expect(told(`SEC("xdp")\nint f(struct xdp_md *ctx) { if (ctx->ingress_ifindex) return 1; }`)).toEqual([
    "warning: f() ends here without returning a value: clang or the kernel takes any",
  ]);
  checkNoFindings(missingReturn, "static int g(int x) { if (x) return 1; }");
});

test("what a call leaves the verifier takes", () => {
  expect(told(`SEC("kprobe/x")\nint f(void *ctx) { bpf_printk("x"); }`)).toEqual([
    "warning: f() ends here without returning a value: clang or the kernel takes any",
  ]);
  expect(told(`SEC("kprobe/x")\nint f(void *ctx) { }`)).toEqual([
    "error: f() returns nothing: the verifier refuses it",
  ]);
});

test("programs that return nothing by their type", () => {
  expect(told(`SEC("uprobe")\nvoid BPF_UPROBE(f) { }`)).toEqual([
    "error: f() is void, and a program returns a number: the verifier refuses it",
  ]);
  checkNoFindings(missingReturn, `SEC("uprobe")\nvoid BPF_UPROBE(f) { bpf_printk("x"); }`);
  checkNoFindings(missingReturn, `SEC("struct_ops/init")\nvoid BPF_PROG(f, struct sock *sk) { }`);
});

test("ends that are never reached", () => {
  for (const body of [
    "for (;;) { if (ctx->ingress_ifindex) return 1; }",
    "if (ctx->ingress_ifindex) return 1; else return 2;",
    "if (ctx->ingress_ifindex) return 1; __builtin_unreachable();",
    "switch (ctx->ingress_ifindex) { case 1: return 1; default: return 2; }",
    "out: return 1;",
    "goto out; out: return 1;",
    'asm volatile("r0 = 0; exit;");',
  ])
    checkNoFindings(missingReturn, `SEC("xdp")\nint f(struct xdp_md *ctx) { ${body} }`);
});

test("the fix lets packets go on, as deep as the first statement", () => {
  const before = (last: string) => `SEC("cgroup_skb/egress")
int f(struct __sk_buff *ctx)
{
    if (ctx->mark)
        return 0;
${last}}
`;
  checkFix(missingReturn, before(""), before("    return 1;\n"));
});
