import { test } from "vitest";
import { inlineProgram } from "../../server/src/analysis/rules/inline-program.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

test("flags the name", () => {
  checkRule(
    inlineProgram,
    `
SEC("xdp") inline int f(struct xdp_md *ctx) { return 0; }
//                    ^ f() is inline without being static, so clang leaves it out of the object and nothing is loaded
`,
  );
});

test("takes every such word out", () => {
  checkFix(
    inlineProgram,
    'SEC("xdp")\n__always_inline __inline__ int f(struct xdp_md *ctx) { return 0; }',
    'SEC("xdp")\nint f(struct xdp_md *ctx) { return 0; }',
  );
});

test("left alone where it is an ordinary function after all", () => {
  checkNoFindings(
    inlineProgram,
    `
static __always_inline int help(struct xdp_md *ctx) { return 0; }
int declared(struct xdp_md *ctx);
SEC("xdp") inline int declared(struct xdp_md *ctx) { return 0; }
SEC("xdp") extern inline int outside(struct xdp_md *ctx) { return 0; }
SEC("xdp") __noinline int never(struct xdp_md *ctx) { return 0; }
SEC("xdp") /* inline */ int comment(struct xdp_md *ctx) { return 0; }
SEC("fentry/x") __always_inline int BPF_PROG(macro, int a) { return 0; }
`,
  );
});

test("a project's own __always_inline may mean anything", () => {
  const program = 'SEC("xdp") __always_inline int f(struct xdp_md *ctx) { return 0; }';
  checkNoFindings(inlineProgram, `#define __always_inline __attribute__((always_inline))\n${program}`);
  checkNoFindings(inlineProgram, `#include "bpf_helpers.h"\n${program}`);
});
