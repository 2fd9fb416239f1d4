import { test } from "vitest";
import { variableLengthArray } from "../../server/src/analysis/rules/variable-length-array.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

test("lengths that come to a constant", () => {
  checkNoFindings(
    variableLengthArray,
    "#define N 8\nenum { M = 4 };\nint f(void) { const int n = 8; char a[n], b[N], c[M * 2], d[sizeof(long)], e[UNKNOWN]; return a[0]; }",
  );
});

test("parameters may be constants where the function is inlined", () => {
  checkNoFindings(variableLengthArray, "static __always_inline int f(int n) { char a[n]; return a[0]; }");
});

test("an index is no length", () => {
  checkNoFindings(
    variableLengthArray,
    "int f(struct xdp_md *ctx) { int i = ctx->data; static char a[4]; return a[i]; }",
  );
});

test("memory taken by a call", () => {
  checkRule(
    variableLengthArray,
    `
int f(struct xdp_md *ctx)
{
    int n = ctx->rx_queue_index;
    char *a = __builtin_alloca(n), *b = __builtin_alloca(16);
//            ^^^^^^^^^^^^^^^^^^^ __builtin_alloca() of n moves the stack pointer, which BPF cannot
    return a[0] + b[0];
}
`,
  );
});
