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
