import { expect, test } from "vitest";
import { globalFunctionArgument } from "../../server/src/analysis/rules/global-function-argument.ts";
import { checkFix, checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

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

test("what the marks of a parameter ask", () => {
  const task = "struct task_struct { int pid; };";
  const call = (params: string, given: string) =>
    `${task}\n__weak int g(${params}) { return 1; }\nSEC("tp_btf/x")\nint f(void *ctx)\n{\n    struct task_struct own = {};\n    struct task_struct *held = bpf_task_acquire(bpf_get_current_task_btf());\n    return g(${given});\n}\nextern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;`;
  const told = (params: string, given: string) =>
    findingsIn(call(params, given), [globalFunctionArgument]).map(({ message }) => message);
  const trusted = "struct task_struct *t __arg_trusted";
  const none = "g() takes no NULL here, which this is or may be: the verifier refuses the call";
  expect(told(trusted, "NULL")).toEqual([none]);
  expect(told(trusted, "held")).toEqual([none]);
  expect(told(trusted, "&own")).toEqual([
    "g() takes a struct task_struct of the kernel's, and gets memory of the program's: the verifier refuses the call",
  ]);
  expect(told(trusted, "bpf_get_current_task_btf()")).toEqual([]);
  expect(told(`${trusted} __arg_nullable`, "held")).toEqual([]);
  expect(told(`${trusted} __arg_nullable`, "NULL")).toEqual([]);
  expect(told("struct task_struct *t __arg_nonnull", "NULL")).toEqual([none]);
  expect(told("struct task_struct *t __arg_nonnull", "&own")).toEqual([]);
  expect(told("void *c __arg_ctx", "ctx")).toEqual([]);
  expect(told("void *c __arg_ctx", "&own")).toHaveLength(1);
  expect(told("void *c __arg_ctx", "ctx + 8")).toHaveLength(1);
});

test("dynptrs", () => {
  const call = (given: string) =>
    `${TYPES}\nstruct bpf_dynptr { long x[2]; };\n__noinline int g(struct bpf_dynptr *p) { return 1; }\nSEC("tc")\nint f(struct __sk_buff *skb)\n{\n    struct bpf_dynptr ptr;\n    return g(${given});\n}`;
  const told = (given: string) => findingsIn(call(given), [globalFunctionArgument]).map(({ message }) => message);
  expect(told("NULL")).toEqual(["g() takes a dynptr, and gets something else: the verifier refuses the call"]);
  expect(told("(void *)skb")).toHaveLength(1);
  expect(told("&ptr + 1")).toEqual(["g() takes a dynptr, not a place beside one: the verifier refuses the call"]);
  expect(told("&ptr")).toEqual([]);
  expect(told("other()")).toEqual([]);
});

test("what a function does nothing with is not handed over", () => {
  const call = (head: string, before: string) =>
    `${TYPES}\n${head}\nSEC("tc")\nint f(struct __sk_buff *skb)\n{\n    int n = 1; ${before}\n    return weigh(skb, n);\n}`;
  const told = (head: string, before = "n = bpf_get_prandom_u32();") =>
    findingsIn(call(head, before), [globalFunctionArgument]).map(({ message }) => message);
  const head = "__noinline int weigh(struct __sk_buff *s, int n) { return n * 3; }";
  expect(told(head)).toEqual([
    "weigh() does nothing with s, so clang hands nothing over: the verifier refuses the call",
  ]);
  // Nothing was called before: the context is where it was.
  expect(told(head, "")).toEqual([]);
  expect(told(head, "n = bpf_get_smp_processor_id();")).toEqual([]);
  // Who defines it again may do something with it.
  expect(told(head.replace("__noinline", "__weak"))).toEqual([]);
  expect(told(head.replace("n * 3", "s->mark"))).toEqual([]);
  expect(told(head.replace("__noinline", "static __noinline"))).toEqual([]);
});

test("what is handed on by such a function itself", () => {
  const text = (given: string, other = "") =>
    `${TYPES}\n__noinline int mark(int x, struct __sk_buff *s) { return s->mark; }\n__noinline int middle(struct __sk_buff *s) { int x = 1; return mark(1, ${given}); }\nSEC("tc")\nint f(struct __sk_buff *skb) { return middle(skb); }\n${other}`;
  const told = (given: string, other?: string) =>
    findingsIn(text(given, other), [globalFunctionArgument]).map(({ message }) => message);
  expect(told("s")).toEqual([]);
  expect(told("s + 1")).toEqual([
    "mark() takes the context as it came, not a place within: the verifier refuses the call",
  ]);
  expect(told("(void *)&x")).toHaveLength(1);
  // It may be called with memory as well.
  expect(told("s + 1", 'SEC("xdp")\nint g(struct xdp_md *x) { return middle(0); }')).toEqual([]);
});
