import { test } from "vitest";
import { functionPointerCall } from "../../server/src/analysis/rules/function-pointer-call.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const TABLE = "static int (*table[])(int) = { first, second };\n";

test("an index that clang knows chooses the function when it compiles", () => {
  checkNoFindings(
    functionPointerCall,
    `#define LAST 1\n${TABLE}int f(int x) { return table[0](x) + table[LAST](x) + table[OTHER](x); }`,
  );
});

test("clang may unroll a loop and inline a function", () => {
  checkNoFindings(
    functionPointerCall,
    `${TABLE}static int f(int x) { for (int i = 0; i < 2; i++) x += table[i](x); return table[x](x); }`,
  );
});

test("reading an entry is no call, and arrays of numbers are no tables", () => {
  checkNoFindings(functionPointerCall, `${TABLE}int f(int x) { return table[x] == 0; }`);
  checkNoFindings(functionPointerCall, "static int table[4];\nint f(int x) { return table[x](x); }");
  checkNoFindings(functionPointerCall, `${TABLE}int f(int x) { /* table[x](x) */ return g("table[x](x)"); }`);
});

test("the table is marked", () => {
  checkRule(
    functionPointerCall,
    `
${TABLE}
int f(struct xdp_md *c) { return table[c->data & 1](2); }
//                               ^^^^^ table[c->data & 1] is called through a pointer, which no kernel can do; a switch can choose
`,
  );
});
