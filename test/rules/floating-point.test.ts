import { test } from "vitest";
import { floatingPoint } from "../../server/src/analysis/rules/floating-point.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

test("what the compiler computes itself is fine", () => {
  checkNoFindings(floatingPoint, "#define SCALE 1000\nint f(void) { return (int)(1.5 * SCALE); }\n");
  checkNoFindings(floatingPoint, "int f(void) { double half = 0.5; return half * 4; }\n");
  checkNoFindings(floatingPoint, 'struct s { float weight; };\n_Static_assert(1.5 > 1, "");\n');
});

test("clang makes integers of comparisons and of whole numbers", () => {
  checkNoFindings(floatingPoint, "int f(unsigned x) { return x > 1.5 || x * 2.0 > 7 || x / 1.0 > 3; }\n");
});

test("versions and strings are no numbers", () => {
  checkNoFindings(floatingPoint, 'int f(int x) { /* 1.5 * x */ return g("x * 1.5", x); }\n');
});

test("a fraction on either side, and every division", () => {
  checkRule(
    floatingPoint,
    `
long f(long x) { return x / 1e9 + 0.5 * x; }
//                          ^^^ 1e9 makes this floating-point arithmetic, which BPF does not have; count in smaller units
//                                ^^^ 0.5 makes this floating-point arithmetic, which BPF does not have; count in smaller units
`,
  );
});

test("a variable that is filled while the program runs", () => {
  checkRule(
    floatingPoint,
    `
int f(int n)
{
    double sum = 0, *p = 0;
//         ^^^ sum is a double, and BPF has no floating-point arithmetic
    for (int i = 0; i < n; i++)
        sum += i;
    return sum;
}
`,
  );
});
