import { test } from "vitest";
import { globalFunctionArgument } from "../../server/src/analysis/rules/global-function-argument.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

const TYPES = "struct pair { long a; long b; };\nstruct __sk_buff { int len; int mark; };";
const program = (head: string, call: string, before = "") =>
  `${TYPES}\n${before}\n${head} { return 1; }\nSEC("tc")\nint f(struct __sk_buff *skb)\n{\n\tlong one = skb->len;\n\tstruct pair two = {};\n\treturn ${call};\n}`;

test("what does not fit", () => {
  checkRule(
    globalFunctionArgument,
    `
${TYPES}
const volatile int limit = 3;
__noinline int sum(struct pair *pair) { return 1; }
__noinline int mark(int x, struct __sk_buff *skb) { return 1; }
__noinline int set(int *x) { return 1; }
SEC("tc")
int f(struct __sk_buff *skb)
{
  long one = skb->len;
  sum((struct pair *)&one);
//    ^^^^^^^^^^^^^^^^^^^ sum() takes 16 bytes, a struct pair, and gets 8: the verifier refuses the call
  sum((void *)skb);
//    ^^^^^^^^^^^ sum() takes a struct pair, and gets the context: the verifier refuses the call
  sum((void *)12);
//    ^^^^^^^^^^ sum() takes a pointer here, and gets a number: the verifier refuses the call
  mark(1, (void *)&one);
//        ^^^^^^^^^^^^ mark() takes the context, a struct __sk_buff, and gets something else: the verifier refuses the call
  mark(1, skb + 1);
//        ^^^^^^^ mark() takes the context as it came, not a place within: the verifier refuses the call
  return set((int *)&limit);
//           ^^^^^^^^^^^^^ set() may write to its int, and gets a constant: the verifier refuses the call
}
`,
  );
});

test("made static", () => {
  const call = "sum((void *)skb)";
  checkFix(
    globalFunctionArgument,
    program("__noinline int sum(struct pair *p)", call),
    program("static __noinline int sum(struct pair *p)", call),
  );
});

test("silent for what fits, and for what nobody knows", () => {
  const sum = "__noinline int sum(struct pair *p)";
  for (const call of ["sum(&two)", "sum(0)", "sum(NULL)", "sum(other(skb))"])
    checkNoFindings(globalFunctionArgument, program(sum, call));
  checkNoFindings(globalFunctionArgument, program("__noinline int g(struct __sk_buff *s, int x)", "g(skb, 3)"));
  checkNoFindings(globalFunctionArgument, program("__noinline int g(struct xdp_md *s)", "g((void *)&one)"));
  checkNoFindings(globalFunctionArgument, program("__noinline int g(int n)", "g(12)"));
});

test("silent where the compiler may inline, and where more is said of the argument", () => {
  for (const head of ["int sum(struct pair *p)", "static __noinline int sum(struct pair *p)"])
    checkNoFindings(globalFunctionArgument, program(head, "sum((void *)skb)"));
  checkNoFindings(globalFunctionArgument, program("__weak int sum(long *c __arg_ctx)", "sum((void *)skb)"));
});
