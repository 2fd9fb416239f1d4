import { expect, test } from "vitest";
import { badReturnValue } from "../../server/src/analysis/rules/bad-return-value.ts";
import { checkFix, checkNoFindings, findingsIn } from "../support/check.ts";

const program = (section: string, body: string, before = "") => `
${before}
SEC("${section}")
int f(struct __sk_buff *ctx) { ${body} }
`;

const told = (text: string, target?: string) =>
  findingsIn(text, [badReturnValue], { target }).map(({ severity, message }) => `${severity}: ${message}`);

test("numbers by the type of the program", () => {
  expect(told(program("cgroup/connect4", "return 5;"))).toEqual([
    "error: f() returns 5, and may return 0 or 1: the verifier refuses it",
  ]);
  expect(told(program("cgroup_skb/egress", "return 4;"))).toHaveLength(1);
  checkNoFindings(badReturnValue, program("cgroup_skb/egress", "return 3;"));
  checkNoFindings(badReturnValue, program("xdp", "return 77;"));
  checkNoFindings(badReturnValue, program("cgroup/connect4", "return 1;"));
});

test("which of the two directions is not said: what fits one of them fits", () => {
  checkNoFindings(badReturnValue, program("cgroup/skb", "return 3;"));
  expect(told(program("cgroup/skb", "return 4;"))).toHaveLength(1);
});

test("numbers that only the running program knows", () => {
  expect(told(program("cgroup_skb/ingress", "return ctx->mark;"))).toEqual([
    "error: f() returns .mark, which may be any number, and may return 0 or 1: the verifier refuses it",
  ]);
  expect(told(program("cgroup_skb/ingress", "return bpf_get_prandom_u32();"))).toEqual([
    "error: f() returns bpf_get_prandom_u32(), which may be any number, and may return 0 or 1: the verifier refuses it",
  ]);
  for (const body of [
    "return ctx->mark & 1;",
    "return !ctx->mark;",
    "return ctx->mark == 7;",
    "return ctx->mark ? 1 : 0;",
    "if (ctx->mark > 1) return 1; return ctx->mark;",
    "int ret = 0; if (ctx->mark) ret = 1; return ret;",
    "return unknown(ctx);",
    "return (bool)ctx->mark;",
    "int i; for (i = 0; i < 9; i++) if (ctx->mark == i) break; return i == 9;",
  ])
    checkNoFindings(badReturnValue, program("cgroup_skb/ingress", body));
});

test("on one path, and through a function", () => {
  expect(told(program("cgroup_skb/ingress", "if (ctx->mark) return -1; return 1;"))).toEqual([
    "error: f() returns -1, and may return 0 or 1: the verifier refuses it",
  ]);
  expect(
    told(program("cgroup_skb/ingress", "return pick(ctx);", "static int pick(struct __sk_buff *s) { return 2; }")),
  ).toHaveLength(1);
});

test("kernels that do not look", () => {
  expect(told(program("cgroup/getsockopt", "return 2;"), "5.4")).toHaveLength(1);
  const lsm = `SEC("lsm/file_open")\nint BPF_PROG(f, struct file *file) { return 1; }\n`;
  expect(told(lsm)).toEqual(["warning: f() returns 1, and may return -4095 to 0: the verifier refuses it since 6.12"]);
  expect(told(lsm, "6.14")).toEqual([
    "error: f() returns 1, and may return -4095 to 0: the verifier refuses it since 6.12",
  ]);
  expect(told(lsm, "6.1")).toEqual([]);
  checkNoFindings(badReturnValue, lsm.replace("return 1", "return -1"));
  checkNoFindings(badReturnValue, lsm.replace("file_open", "inode_xattr_skipcap"));
});

test("callbacks", () => {
  const looped = (value: string) => `
static int each(__u32 i, void *data) { return ${value}; }
SEC("tc")
int f(struct __sk_buff *ctx) { bpf_loop(4, each, 0, 0); return 0; }
`;
  expect(told(looped("-1"))).toEqual([
    "error: each() returns -1, and may return 0 or 1, as a callback: the verifier refuses it",
  ]);
  checkNoFindings(badReturnValue, looped("i > 2"));
  // It is called as a function as well, and may return there what it likes.
  checkNoFindings(badReturnValue, `${looped("-1")}\nSEC("tc")\nint g(struct __sk_buff *ctx) { return each(1, 0); }\n`);
});

test("the only number that there is is put in the place of another", () => {
  checkFix(badReturnValue, program("cgroup/recvmsg4", "return 0;"), program("cgroup/recvmsg4", "return 1;"));
});

test("pointers are no numbers", () => {
  expect(told(program("cgroup/connect4", "return (long)ctx;"))).toEqual([
    "error: f() returns its context, which is no number: the verifier refuses it",
  ]);
  expect(told(program("cgroup/connect4", "int x = 1; return (long)&x;"))).toEqual([
    "error: f() returns a pointer, which is no number: the verifier refuses it",
  ]);
  // Of these nobody asks.
  checkNoFindings(badReturnValue, program("xdp", "return (long)ctx;"));
  checkNoFindings(badReturnValue, program("cgroup/connect4", "void *p = other(ctx); return (long)p;"));
});

test("the address of a variable outlives it", () => {
  const slot = (head: string, what: string) =>
    program("xdp", "return *slot(0);", `${head} long *slot(long *given) { long here = 1; return ${what}; }`);
  expect(told(slot("static __noinline", "&here"))).toEqual([
    "error: slot() returns the address of here, which is gone by then: the verifier refuses it",
  ]);
  checkNoFindings(badReturnValue, slot("static __noinline", "given"));
  checkNoFindings(badReturnValue, slot("static __always_inline", "&here"));
});

test("a parameter holds what its type can hold", () => {
  const text = program(
    "cgroup/connect4",
    "return low(257);",
    "static int low(unsigned char n) { bpf_ktime_get_ns(); return n; }",
  );
  // It is 1 then.
  checkNoFindings(badReturnValue, text);
  expect(told(text.replace("unsigned char", "int"))).toHaveLength(1);
});

test("what is thrown is returned, unless a function of the program's takes over", () => {
  const throws = "extern void bpf_throw(u64 cookie) __ksym;";
  expect(told(program("fentry/x", "bpf_throw(64); return 0;", throws))).toEqual([
    "error: f() throws 64, and may return only 0: the verifier refuses it",
  ]);
  expect(told(program("fentry/x", "bpf_assert_with(ctx->mark == 1, 7); return 0;", throws))).toHaveLength(1);
  checkNoFindings(badReturnValue, program("fentry/x", "bpf_throw(0); return 0;", throws));
  checkNoFindings(badReturnValue, program("fentry/x", "bpf_assert(ctx->mark == 1); return 0;", throws));
  checkNoFindings(badReturnValue, program("tc", "bpf_throw(64); return 0;", throws));
  checkNoFindings(
    badReturnValue,
    program("fentry/x", "bpf_throw(64); return 0;", throws).replace("int f", "__exception_cb(other) int f"),
  );
});

test("what a function may have written that is verified by itself", () => {
  const writes = "__noinline int fill(int *v) { if (v) *v = 7; return 0; }";
  expect(told(program("cgroup/connect4", "int v = 1; fill(&v); return v;", writes))).toEqual([
    "error: f() returns what fill() wrote, which may be any number, and may return 0 or 1: the verifier refuses it",
  ]);
  checkNoFindings(badReturnValue, program("cgroup/connect4", "int v = 1; fill(&v); return v == 1;", writes));
  checkNoFindings(
    badReturnValue,
    program("cgroup/connect4", "int v = 1; fill(&v); if (v != 1) return 0; return v;", writes),
  );
});

test("a hook that returns nothing lets only 1 pass", () => {
  expect(told(program("lsm_cgroup/inet_csk_clone", "return 0;"))).toEqual([
    "error: f() returns 0, and may return only 1: the verifier refuses it",
  ]);
  checkNoFindings(badReturnValue, program("lsm_cgroup/inet_csk_clone", "return 1;"));
  checkNoFindings(badReturnValue, program("lsm_cgroup/socket_bind", "return 0;"));
});

test("what takes over for a program returns in its place", () => {
  const file = (section: string, result: string) =>
    `__noinline int other(u64 c)\n{\n  return c;\n}\n__noinline int taker(u64 c)\n{\n  ${result}\n}\nSEC("${section}")\n__exception_cb(taker)\nint f(void *ctx)\n{\n  bpf_throw(0);\n  return 0;\n}\n`;
  expect(told(file("fentry/x", "return c;"))).toEqual([
    "error: taker() returns c, which may be any number, and may return only 0: the verifier refuses it",
  ]);
  expect(told(file("fentry/x", "return 64;"))).toEqual([
    "error: taker() returns 64, and may return only 0: the verifier refuses it",
  ]);
  checkNoFindings(badReturnValue, file("tc", "return c;"));
  checkNoFindings(badReturnValue, file("fentry/x", "return 0;"));
  checkNoFindings(badReturnValue, file("fentry/x", "if (c != 0)\n    return 0;\n  return c;"));
});
