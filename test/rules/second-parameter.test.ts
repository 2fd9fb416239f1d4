import { expect, test } from "vitest";
import { secondParameter } from "../../server/src/analysis/rules/second-parameter.ts";
import { checkFix, checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

test("the parameter that is read is marked", () => {
  checkRule(
    secondParameter,
    `
SEC("kprobe/tcp_close")
int f(struct pt_regs *ctx, struct sock *sk, long timeout)
//                                               ^^^^^^^ the kernel gives f() its context alone, and no timeout: the verifier refuses to read it
{
    return timeout > 3;
}
`,
  );
});

test("silent for those that nobody reads, for macros, and for what stands in for a function", () => {
  for (const text of [
    `SEC("kprobe/x")\nint f(struct pt_regs *ctx, int a) { return 0; }`,
    `SEC("kprobe/x")\nint f(struct pt_regs *ctx, int a) { a = 1; return a; }`,
    `SEC("kprobe/x")\nint f(struct pt_regs *ctx, int a) { return ctx->a; }`,
    `SEC("kprobe/x")\nint BPF_KPROBE(f, int a) { return a; }`,
    `SEC("kprobe/x")\nint OWN_MACRO(f, int a, int b) { return b; }`,
    `SEC("freplace/g")\nint f(struct __sk_buff *skb, int a) { return a; }`,
    `SEC("no such section")\nint f(void *ctx, int a) { return a; }`,
    `static int f(void *ctx, int a) { return a; }`,
  ])
    checkNoFindings(secondParameter, text);
});

test("a tracepoint has no macro for it", () => {
  const text = `SEC("tp/syscalls/sys_enter_close")\nint f(int fd, int other) { return other; }`;
  expect(findingsIn(text, [secondParameter])[0]?.fixes ?? []).toEqual([]);
});

test("the fix keeps what is no context", () => {
  checkFix(
    secondParameter,
    `SEC("kprobe/x")\nint f(int first, int a) { return a; }`,
    `SEC("kprobe/x")\nint BPF_KPROBE(f, int first, int a) { return a; }`,
  );
  checkFix(
    secondParameter,
    `#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\nSEC("lsm/file_open")\nint f(unsigned long long *ctx, struct file *file) { return !file; }`,
    `#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n#include <bpf/bpf_tracing.h>\nSEC("lsm/file_open")\nint BPF_PROG(f, struct file *file) { return !file; }`,
  );
});
