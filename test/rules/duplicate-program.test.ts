import { test } from "vitest";
import { duplicateProgram } from "../../server/src/analysis/rules/duplicate-program.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

test("flags the second one, whatever macro made it", () => {
  checkRule(
    duplicateProgram,
    `
SEC("fentry/a") int BPF_PROG(f, int x) { return 0; }
SEC("fexit/a") int BPF_PROG(f, int x, int ret) { return 0; }
//                          ^ this file has a program f() already: clang refuses a second one
`,
  );
});

test("alternatives, prototypes and names from macros are left alone", () => {
  checkNoFindings(
    duplicateProgram,
    `
#ifdef A
SEC("xdp") int f(struct xdp_md *ctx) { return 0; }
#endif
#ifndef A
SEC("xdp") int f(struct xdp_md *ctx) { return 1; }
#endif
int g(struct xdp_md *ctx);
SEC("xdp") int g(struct xdp_md *ctx) { return 0; }
#define PROG(n) SEC("xdp") int n(struct xdp_md *ctx) { return 0; }
PROG(a)
PROG(b)
`,
  );
});
