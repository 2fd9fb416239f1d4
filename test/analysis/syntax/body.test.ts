/** What the reader of bodies makes of each construct of C, and that nothing one types stops it. */

import { expect, test } from "vitest";
import { readExpression } from "../../../server/src/analysis/syntax/body.ts";
import { bodyOf, expressionText, read } from "../../support/tree-text.ts";

/** Statements, what they come to, and what stands above the function. */
type Case = readonly [statements: string, tree: string, above?: string];

const table = (cases: readonly Case[]): void => {
  for (const [statements, tree, above] of cases) expect(read(statements, above), statements).toBe(tree);
};

test("operators bind as in C", () => {
  table([
    ["a = b + c * d - e;", "(a = ((b + (c * d)) - e));"],
    [
      "a || b && c | d ^ e & f == g < h << 1 + 2 * 3;",
      "(a || (b && (c | (d ^ (e & (f == (g < (h << (1 + (2 * 3))))))))));",
    ],
    ["a = b = c += 1;", "(a = (b = (c += 1)));"],
    ["x = a ? b : c ? d : e;", "(x = (a ? b : (c ? d : e)));"],
    ["x = a ?: b;", "(x = (a ?: b));"],
    ["i++, --j;", "((i++) , (--j));"],
    ["*p++ = -(-1) - ~x + !y;", "((*(p++)) = (((-(-1)) - (~x)) + (!y)));"],
    ["x = -a.b->c[1](2)++;", "(x = (-(a.b->c[1](2)++)));"],
  ]);
});

test("parentheses and casts are told apart", () => {
  table([
    ["x = (a)(b);", "(x = ?a b?);"],
    ["x = (u32)-1 + (__u64)(b);", "(x = ((<u32>(-1)) + (<__u64>b)));"],
    ["x = (my_t)(b) + (my_t)&c - (flags)&d;", "(x = ((((<my_t>b) + (<my_t>(&c))) - flags) & d));"],
    ["x = (struct iphdr *)p + 1;", "(x = ((<struct iphdr *>p) + 1));"],
    ["x = (foo *)p;", "(x = (<foo *>p));"],
    ["x = (foo * const *)p;", "(x = (<foo *const *>p));"],
    ["x = (a * b);", "(x = (a * b));"],
    [
      "x = (struct key){ .a = 1, .b.c = 2, [3] = { 4 }, d: 5 };",
      "(x = <struct key>{.a = 1, .b.c = 2, [3] = {4}, .d = 5});",
    ],
    ["f(&(struct key){ 1 });", "f((&<struct key>{1}));"],
  ]);
});

test("literals, sizes and calls", () => {
  table([
    ["x = ({ int y = 1; y + 1; });", "(x = ({var y: <int> = 1; (y + 1);}));"],
    [
      "x = sizeof x + sizeof(x) + sizeof(struct y *) + sizeof *p + sizeof(x)->y + offsetof(struct a, b[1].c);",
      "(x = (((((sizeof<x>:x + sizeof<x>:x) + sizeof<struct y *>) + sizeof<*p>:(*p)) + sizeof<(x)->y>:x->y) + offsetof<struct a, b[1].c>));",
    ],
    [
      "x = 0x1fUL + 'a' + '\\n' + '\\xff' + 1.5f + 0b101 + 017u;",
      "(x = ((((((31ul + 97) + 10) + -1) + floatf) + 5) + 15u));",
    ],
    ['x = "ab" "c\\n";', '(x = "5");'],
    ["x = (*f)(1, 2);", "(x = (*f)(1, 2));"],
    ["x = ops->run(1);", "(x = ops->run(1));"],
    ["x = BPF_CORE_READ(t, mm, exe_file.f_path);", "(x = BPF_CORE_READ(t, mm, exe_file.f_path));"],
    [
      "x = bpf_core_type_size(struct task_struct) + bpf_core_enum_value(enum a, B) + f(u32) + f(int *);",
      "(x = (((bpf_core_type_size(?struct task_struct?) + bpf_core_enum_value(?enum a?, B)) + f(?u32?)) + f(?int?)));",
    ],
    ["x = container_of(p, struct outer, inner.field);", "(x = container_of(p, ?struct outer?, inner.field));"],
    ["x = likely(a > 1) + __builtin_expect(b, 0);", "(x = ((a > 1) + b));"],
    ["x = _Generic(a, int: 1, default: 2);", "(x = ?_Generic a int default?);"],
    ["x = __builtin_types_compatible_p(int, long);", "(x = __builtin_types_compatible_p<int, long>);"],
    ["x = (int (*)(void *))p;", "(x = (<int (*)(void *)>p));"],
    ["x = (unsigned long long)a.b;", "(x = (<unsigned long long>a.b));"],
  ]);
});

test("declarations", () => {
  table([
    [
      "int a, *b = 0, c[4] = {}, d[2][N + 1];",
      "var a: <int>; var b: <int *> = 0; var c: <int>[4] = {}; var d: <int>[2][(N + 1)];",
    ],
    ['const char *const s = "x", t[] = "abc";', 'var s: <const char * const> = "2"; var t: <const char>[] = "4";'],
    ["static const volatile unsigned long long x = 1;", "var static x: <const volatile unsigned long long> = 1;"],
    ["struct event e = {}, *p;", "var e: <struct event> = {}; var p: <struct event *>;"],
    ["struct { int a; char b[4]; } x = { 1 };", "var x: <struct { int a; char b[4]; }> = {1};"],
    ["enum { A, B };", ";"],
    ["struct local { int a; };", ";"],
    ["typedef struct x y_t; y_t z; (y_t)(1);", "; var z: <y_t>; (<y_t>1);"],
    ["u32 x; my_t y; my_t *z = p; my_t **w;", "var x: <u32>; var y: <my_t>; var z: <my_t *> = p; var w: <my_t **>;"],
    ["a * b;", "var b: <a *>;"],
    ["int (*fn)(void *, int) = 0;", "var fn: <int (*)(void *, int)> = 0;"],
    ["int (*ops[2])(void);", "var ops: <int (*)(void)>[2];"],
    ["char (*rows)[4] = x;", "var rows: <char (*)[4]> = x;"],
    ["struct file *f __free(fput) = get();", "var f: <struct file *> @__free(fput) = get();"],
    [
      "u64 x __attribute__((aligned(8))) = 0, y __aligned(8);",
      "var x: <u64> @__attribute__((aligned(8))) = 0; var y: <u64> @__aligned(8);",
    ],
    ["__maybe_unused int x;", "var x: <int>;"],
    ["typeof(a) b = a; __auto_type c = b;", "var b: <typeof(a)> = a; var c: <__auto_type> = b;"],
    ["extern int g; int proto(int);", "; ;"],
    ['register u64 r asm("r1") = 0;', "var r: <u64> = 0;"],
    ["UNKNOWN_ATTR u32 x; u32 UNKNOWN_ATTR y;", "var x: <u32>; var y: <u32>;"],
  ]);
});

test("statements", () => {
  table([
    ["if (a) b(); else if (c) d(); else { e(); }", "if a b(); else if c d(); else {e();}"],
    ["if (a) if (b) c(); else d();", "if a if b c(); else d();"],
    [
      "for (int i = 0, j = 1; i < 10; i++, j--) f(i);",
      "for [var i: <int> = 0; var j: <int> = 1; | (i < 10) | ((i++) , (j--))] f(i);",
    ],
    ["for (;;) break;", "for [ | - | -] break;"],
    ["for (i = 0; i < 3; ) { continue; }", "for [(i = 0); | (i < 3) | -] {continue;}"],
    ["for (struct x *p = a; p; p = p->next);", "for [var p: <struct x *> = a; | p | (p = p->next)] ;"],
    ["while (x--) ;", "while (x--) ;"],
    ["do { x(); } while (y);", "do {x();} while y"],
    [
      "switch (x) { case 1: case 2 ... 3: f(); break; default: g(); }",
      "switch x {case 1: case 2 to 3: f(); break; default: g();}",
    ],
    ["switch (x) { case A: { int y; } case B: return; }", "switch x {case A: {var y: <int>;} case B: return;}"],
    ["goto out; out: return 0; end:", "goto out; out: return 0; end:"],
    [
      'asm volatile("" ::: "memory"); asm volatile("%0 = %1" : "=r"(x) : [y]"r"(z)); asm goto("if" : : : : l1, l2);',
      "barrier(); asm(x z); asm( → l1 → l2);",
    ],
  ]);
});

test("loops and words of the dialect", () => {
  table([
    [
      "bpf_for(i, 0, 10) { f(i); } bpf_for_each(task, t, NULL, 0) g(t); bpf_repeat(5) h();",
      "each bpf_for(i, 0, 10) {f(i);} each bpf_for_each(task, t, NULL, 0) g(t); each bpf_repeat(5) h();",
    ],
    [
      "can_loop; cond_break; for (i = 0; i < 9 && can_loop; i++) cond_break_label(out);",
      "can_loop; if ?? break; for [(i = 0); | ((i < 9) && can_loop) | (i++)] if ?? goto out;",
    ],
    ['UNROLL for (;;) ; _Pragma("unroll") while (1) ;', "for [ | - | -] ; while 1 ;"],
    ["for_each_thing(x, y) { f(); }", "BROKEN each for_each_thing(x, y) {f();}"],
    ['LOG("x") return 1;', "BROKEN ???; return 1;"],
    ['_Static_assert(sizeof(x) == 1, "y"); __label__ a, b;', "; ;"],
  ]);
});

test("macros are expanded, and libbpf's own are not", () => {
  table([
    ["x = MAX + 1;", "(x = ((1 << 4) + 1));", "#define MAX (1 << N)\n#define N 4"],
    ["x = min(a, b + 1);", "(x = ((a < (b + 1)) ? a : (b + 1)));", "#define min(x, y) ((x) < (y) ? (x) : (y))"],
    ["CHECK(p); f();", "if (!p) return 0; f();", "#define CHECK(x) if (!(x)) return 0"],
    [
      "LOOP(i, 3) { f(i); }",
      "for [var i: <int> = 0; | (i < 3) | (i++)] {f(i);}",
      "#define LOOP(i, n) for (int i = 0; i < n; i++)",
    ],
    ["BEGIN f(); END", "do {f();} while 0", "#define BEGIN do {\n#define END } while (0);"],
    ["OUT(1);", "do {(r = 1); goto out;} while 0", "#define OUT(x) do { r = (x); goto out; } while (0)"],
    ["x = CAT(a, b) + STR(c d);", '(x = (ab + "4"));', "#define CAT(a, b) a ## b\n#define STR(x) #x"],
    [
      'LOG("x"); LOG("x", 1);',
      'bpf_printk("3"); bpf_printk("3", 1);',
      '#define LOG(fmt, ...) bpf_printk("p" fmt, ##__VA_ARGS__)',
    ],
    ['LOG("x", 1, 2);', 'bpf_printk("2", 1, 2);', "#define LOG(fmt, args...) bpf_printk(fmt, args)"],
    ["x = A;", "(x = ((A + 2) + 1));", "#define A B + 1\n#define B A + 2"],
    ['bpf_printk("x");', 'bpf_printk("2");', "#define bpf_printk(fmt) ({ char x[] = fmt; })"],
    ["a->b.c = d; if (x.y) return &a->b[1];", "(a->b.c = d); if x.y return (&a->b[1]);"],
  ]);
});

test("what is half typed costs one statement", () => {
  table([
    ["x = ; f();", "BROKEN ???; f();"],
    ["if (a f(); g();", "BROKEN ???; g();"],
    ["f(a, g(b, ; h();", "BROKEN ???; h();"],
    ["if (x } y();", "BROKEN ???;"],
    ["x = (a + ; { y(); } z();", "BROKEN ???; {y();} z();"],
    ["if (x +) { y(); }", "BROKEN if ?x? {y();}"],
    ["for (i = 0; i < ) { y(); }", "BROKEN for [ | ?i? | -] {y();}"],
    ["while () ;", "BROKEN while ?? ;"],
    ["p-> ; f();", "BROKEN ???; f();"],
    ["x = f(a b, c);", "(x = f(?a b?, c));"],
    ["else f();", "BROKEN ???;"],
  ]);
});

test("what the build decides is an if without a test, and no scope", () => {
  const branches = "\n#ifdef A\n f();\n#elif B > 1 /* c */\n int y;\n#else\n h();\n#endif\n z();";
  expect(read(branches)).toBe("if #defined(A) {f();} else if #B > 1 {var y: <int>;} else {h();} z();");
  expect(read("\n#ifndef A\n f();\n#endif\n")).toBe("if #!defined(A) {f();}");
  expect(read("\n#if 0\n f();\n#else\n g();\n#endif\n")).toBe("g();");
  expect(read("\n#if A\n if (a) {\n#else\n if (b) {\n#endif\n f(); }")).toBe("if a {f();}");
  expect(read("if (x)\n#if A\n f();\n#else\n g();\n#endif\n h();")).toBe("if x if #A {f();} else {g();} h();");
  expect(read("if (x)\n#if A\n f(); g();\n#endif\n h();")).toMatch(/^BROKEN/);
  expect(read("x = 1\n#ifdef A\n + 2\n#endif\n;\n f();")).toBe("(x = (1 + 2)); f();");
  expect(read("\n#ifdef A\n if (a)\n#endif\n f();")).toBe("if a f();");
  expect(read("if (a) {\n#ifdef A\n f(); } else {\n#endif\n g(); }")).toBe("if a {f();} else {g();}");
  expect(read("if (a) f();\n#ifdef A\n else g();\n#endif\n")).toBe("if a f(); else g();");
  expect(read("f(a,\n#if A\n b,\n#else\n c,\n#endif\n d); g();")).toMatch(/ g\(\);$/);
});

test("types of the file and its headers decide what a parenthesis is, and variables hide them", () => {
  const isType = (name: string): boolean => name === "mine";
  expect(read("x = (mine)(y) + (mine)-1;", "", isType)).toBe("(x = ((<mine>y) + (<mine>(-1))));");
  expect(read("int mine; x = (mine)-1;", "", isType)).toBe("var mine: <int>; (x = (mine - 1));");
});

test("words of an argument stand where they stand, others where the macro is used", () => {
  const text = "#define TWICE(a) (g(a) + 2)\nint f(int arg)\n{\n  return TWICE(arg);\n}\n";
  const [statement] = bodyOf(text).statements;
  if (statement?.kind !== "return" || statement.of?.kind !== "binary") throw new Error("another tree");
  const { left } = statement.of;
  const use = text.indexOf("TWICE(arg)");
  expect(text.slice(statement.start, statement.end)).toBe("return TWICE(arg);");
  expect([left.start, left.end]).toEqual([use, use + "TWICE(arg)".length]);
  if (left.kind !== "call") throw new Error("another tree");
  expect(left.args.map(({ start, end }) => text.slice(start, end))).toEqual(["arg"]);
  expect(left.texts).toEqual(["arg"]);
});

test("arguments are kept as written", () => {
  const [statement] = bodyOf(
    "#define N 4\nint f(void)\n{\n  g(struct  x *, a->b /* c */, N, (u32 []){ 1 });\n}\n",
  ).statements;
  if (statement?.kind !== "expression" || statement.of.kind !== "call") throw new Error("another tree");
  expect(statement.of.texts).toEqual(["struct x *", "a->b /* c */", "N", "(u32 []){ 1 }"]);
});

test("a constant of which the build chooses the value stays a name", () => {
  const either = "#ifdef X\n#define N 1\n#else\n#define N 2\n#endif";
  const three = "#if A\n#define N 1\n#elif B\n#define N 2\n#else\n#define N 3\n#endif";
  for (const above of [either, three]) expect(read("f(N);", above)).toBe("f(N);");
  expect(read("f(N);", "#ifdef X\n#define N 1\n#else\n#define N 1\n#endif")).toBe("f(1);");
  expect(read("f(N);", "#define N 1\n#define N 2")).toBe("f(2);");
  expect(read("F(1);", "#ifdef X\n#define F(x) g(x)\n#else\n#define F(x) h(x)\n#endif")).toBe("h(1);");
});

test("a macro that runs away costs its statement", () => {
  const names = [..."ABCDEFG"];
  const above = names.map((name, n) => `#define ${name} ${`${names[n + 1] ?? "1 +"} `.repeat(10)}`).join("\n");
  expect(read("x = A; f();", above)).toBe("BROKEN ???; f();");
  expect(read("x = f(1);", "#define f(x) f(x) + g(f)")).toBe("(x = (f(1) + g(f)));");
});

test("a function that a macro makes is read there", () => {
  const text = '#define MAKE(name, n) SEC("xdp") int name(struct xdp_md *ctx) { return n; }\nMAKE(f, XDP_PASS)\n';
  const body = bodyOf(text);
  expect(body.isWhole).toBe(true);
  expect(body.statements).toMatchObject([{ kind: "return", of: { kind: "name", name: "XDP_PASS" } }]);
});

test("an expression alone", () => {
  expect(expressionText(readExpression("a + b * 2"))).toBe("(a + (b * 2))");
  expect(expressionText(readExpression("a + "))).toBe("?a?");
});

const PROGRAM = `#define CHECK(x, ...) if (!(x)) { bpf_printk("no " #x, ##__VA_ARGS__); goto out; }
SEC("xdp") int f(struct xdp_md *ctx)
{
  struct key k = { .a = 1, .b = { 2, 3 } }, *p = NULL;
  for (int i = 0; i < 4; i++) {
#ifdef A
    CHECK(p, i);
#else
    switch (k.a) { case 1 ... 2: (void)({ int y = (u32)-1; y; }); break; default: ; }
#endif
    do p = (struct key *)bpf_map_lookup_elem(&m, &k.b[i]); while (0);
  }
  asm volatile("" : "+r"(p) :: "memory");
  bpf_for(i, 0, p ? p->a : 1) { if (a) { g(b, c(d)); } else return x; }
out:
  return sizeof(*p) + "ab"[0];
}
`;

test("it reads on wherever the text is cut, or a piece of it is missing", () => {
  expect(bodyOf(PROGRAM).isWhole).toBe(true);
  const start = PROGRAM.indexOf("{\n") + 1;
  for (let at = start; at < PROGRAM.length; at++) {
    expect(bodyOf(PROGRAM.slice(0, at)).kind, `cut at ${at}`).toBe("block");
    expect(bodyOf(PROGRAM.slice(0, at) + PROGRAM.slice(at + 1)).kind, `without ${at}`).toBe("block");
    expect(bodyOf(PROGRAM.slice(0, at) + PROGRAM.slice(at + 7)).kind, `without seven at ${at}`).toBe("block");
  }
});

test("nothing is too deep or too long for it", () => {
  const pieces = [
    "(",
    "{",
    "[",
    "-",
    "a(",
    "if (a) ",
    "if (a) ; else ",
    "do ",
    "(int)",
    "a ? ",
    "a = ",
    "a, ",
    "a + ",
    "a.b",
    "a[0]",
  ];
  pieces.push(
    "({",
    "f(a, ",
    "x: ",
    "for (;;) ",
    "switch (a) ",
    "case 1: ",
    "int (*",
    "struct { ",
    "sizeof ",
    "{ .a = {",
    "return ",
  );
  for (const piece of pieces) {
    for (const text of [
      piece.repeat(20_000),
      `x = ${piece.repeat(20_000)}`,
      `x = a${piece.repeat(20_000).slice(1)};`,
    ]) {
      const started = performance.now();
      expect(bodyOf(`int f(void)\n{\n${text}\n}\n`).kind, piece).toBe("block");
      expect(performance.now() - started, piece).toBeLessThan(2000);
    }
  }
  const closed = `${"(".repeat(20_000)}1${")".repeat(20_000)}`;
  expect(read(`x = ${closed}; y();`)).toBe("BROKEN ???; y();");
});
