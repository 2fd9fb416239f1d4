import { test } from "vitest";
import { exceptionMisuse } from "../../server/src/analysis/rules/exception-misuse.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

test("thrown by what a callback calls", () => {
  checkRule(
    exceptionMisuse,
    `
static int deep(int i) { if (i) bpf_throw(0); return 0; }
//                              ^^^^^^^^^ bpf_throw() in a callback of bpf_loop(), where nobody catches it: the verifier refuses the program
static int turn(int i, void *data) { return deep(i); }
SEC("tc")
int f(void *ctx) { return bpf_loop(3, turn, 0, 0); }
`,
  );
});

test("handlers that cannot be one", () => {
  checkRule(
    exceptionMisuse,
    `
static int local(u64 cookie) { return 0; }
//         ^^^^^ exception callback local() is static: libbpf refuses the file
void nothing(u64 cookie) {}
//   ^^^^^^^ exception callback nothing() must return a number: the verifier refuses the program
int two(u64 a, u64 b) { return 0; }
//  ^^^ exception callback two() must have one number as its argument: the verifier refuses the program
int good(u64 cookie) { return 0; }
SEC("tc")
__exception_cb(local)
int a(void *ctx) { return 0; }
SEC("tc")
__exception_cb(nothing)
int b(void *ctx) { return 0; }
SEC("tc")
__exception_cb(two)
int c(void *ctx) { return 0; }
SEC("tc")
__exception_cb(good)
   __exception_cb(good)
// ^^^^^^^^^^^^^^ d() names a second exception callback: the verifier refuses it
int d(void *ctx) { return good(1); }
//                        ^^^^ d() calls good(), its own exception callback: the verifier refuses that
`,
  );
});

test("silent where somebody catches", () => {
  checkNoFindings(
    exceptionMisuse,
    `int good(u64 cookie) { return 0; }
static int throws(int i) { bpf_throw(i); return 0; }
SEC("tc")
__exception_cb(good)
int a(void *ctx) { return throws(1); }
SEC("tc")
int b(void *ctx) { return good(1) + run(throws); }`,
  );
});

test("what takes over cannot throw", () => {
  checkRule(
    exceptionMisuse,
    `extern void bpf_throw(u64 cookie) __ksym;
__noinline int caught(u64 cookie)
{
    bpf_throw(0);
//  ^^^^^^^^^ bpf_throw() in an exception callback, where nobody catches it: the verifier refuses the program
    return cookie;
}
SEC("tc")
__exception_cb(caught)
int f(struct __sk_buff *skb)
{
    bpf_throw(1);
    return 0;
}
`,
  );
});
