import { expect, test } from "vitest";
import { lower } from "../../../server/src/analysis/syntax/dialect.ts";
import { syntax } from "../../support/check.ts";

function errorsIn(text: string): readonly string[] {
  const lowered = lower(text);
  const parsed = syntax.parse(lowered.text);
  const errors = parsed.errors().map(({ start, end }) => lowered.text.slice(start, end));
  parsed.dispose();
  return errors;
}

/** Real-life constructs that the stock C grammar cannot read. */
const CONSTRUCTS: Readonly<Record<string, string>> = {
  "a program": 'SEC("xdp")\nint f(struct xdp_md *ctx) { return 0; }',
  "a section of several parts": '#define S "x"\nSEC("fentry/" S)\nint f(void *ctx) { return 0; }',
  "a program macro": 'SEC("kprobe/x")\nint BPF_KPROBE(f, struct task_struct *p, int n) { return n; }',
  "a program macro without arguments": 'SEC("kprobe/x")\nint BPF_KPROBE(f) { return 0; }',
  "a map":
    'struct {\n\t__uint(type, BPF_MAP_TYPE_HASH);\n\t__type(key, struct key);\n\t__type(value, u64[4]);\n\t__uint(max_entries, 1 << 10);\n} m SEC(".maps");',
  "a map of maps":
    'struct {\n\t__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);\n\t__array(values, struct {\n\t\t__uint(type, BPF_MAP_TYPE_ARRAY);\n\t\t__type(key, u32);\n\t});\n} outer SEC(".maps") = { .values = { &inner } };',
  "a program array":
    'struct {\n\t__array(values, int (void *));\n} jumps SEC(".maps") = { .values = { [0] = (void *)&f } };',
  "two maps of one type": 'struct m a SEC(".maps"), b SEC(".maps");',
  "a licence": 'char LICENSE[] SEC("license") = "GPL";',
  "attributes before a type": "static __always_inline int f(void) { return 0; }\n__weak __noinline void g(void) {}",
  "attributes after a parameter": "int f(void *ctx __arg_ctx, struct t *p __arg_nonnull) { return 0; }",
  externs: "extern int bpf_f(void) __ksym __weak;\nextern bool CONFIG_X __kconfig __weak;",
  "kernel pointers": "struct v { struct task_struct __kptr *t; struct x __percpu_kptr *p; };",
  "test tags": 'SEC("tc") __success __retval(0)\n__msg("x (1)")\nint f(void *ctx) { return 0; }',
  loops:
    "int f(void)\n{\n\tint i;\n\tbpf_for(i, 0, 10) { g(i); }\n\tbpf_repeat(5) { g(0); }\n\tbpf_for_each(num, v, 0, 3) { g(*v); }\n\treturn 0;\n}",
  "types as arguments":
    "int f(void *p)\n{\n\tif (bpf_core_type_exists(struct x)) return bpf_core_type_size(struct y);\n\treturn container_of(p, struct z, m)->n + bpf_core_enum_value(enum e, V);\n}",
  assembly: 'int f(void)\n{\n\tasm volatile ("r0 = %[x]" :: [x] "i"(1), __imm(y) : __clobber_all);\n\treturn 0;\n}',
  "an own attribute": "#define statfunc static __always_inline\nstatfunc int f(void) { return 0; }",
  "an own section macro":
    '#define PROG(n) __attribute__((section(n), used))\nPROG("xdp")\nint f(void *ctx) { return 0; }',
  "private data": "private(A) struct bpf_spin_lock lock;",
  "an initialiser macro": 'SCX_OPS_DEFINE(ops, .select_cpu = (void *)f, .name = "x");',
  "loops without braces":
    "int f(void)\n{\n\tint i, j;\n\tbpf_for(i, 0, 10)\n\t\tbpf_for(j, 0, 10)\n\t\t\tg(i);\n\tbpf_repeat(5) g(0);\n\treturn 0;\n}",
  "a pragma macro before a loop": "int f(void)\n{\n\t__pragma_loop_unroll\n\tfor (;;) g();\n}",
  "macros that stand for statements":
    "#define ONE f(1);\n#define MANY ONE ONE\nint g(int x)\n{\n\tMANY\n\tMANY\n\treturn x;\n\tOTHER\n\tout:\n\tREPEAT(f(2););\n}",
  "members and operators as arguments":
    "int f(void)\n{\n\tp = MEMBER_VPTR(a, [i].b);\n\tif (bpf_cmp_likely(x, >=, 3)) g(.y, *MEMBER_VPTR(q->z, .w));\n}",
  "an unknown attribute of a header":
    "FUNC_INLINE int f(void) { return 0; }\nFUNC_INLINE const char *g(void) { return 0; }\nstatfunc buf_t *h(int);\nINLINE struct s *k(void) { return 0; }",
  "a type before static": "s32 static f(void) { return 0; }",
  "macro calls without semicolons": "DEFINE_X(1)\nDEFINE_X(2)\nint f(void) { return 0; }",
  "a macro as the head of a function": "PROG(IP)(struct __sk_buff *skb)\n{\n\treturn 0;\n}\nHANDLER(x) { return 0; }",
  "a branch that ends inside a statement": "int f(int x)\n{\n#ifdef A\n\tif (x)\n#endif\n\t\tg();\n\treturn 0;\n}",
  "branches in a parameter list": "int f(int a\n#if N > 1\n\t, int b\n#else\n\t, int c\n#endif\n) { return 0; }",
  "a function with two heads": "#ifdef A\nint f(int a) {\n#else\nint f(long a) {\n#endif\n\treturn 0;\n}",
  "branches in an initialiser": "int a[] = {\n#ifndef X\n\t[0] = 1,\n#else\n\t[0] = 2,\n#endif\n\t[1] = 3,\n};",
  "unnamed bit fields": "struct s { u64 :64; unsigned int : 3; int a : 2; };",
  "types of expressions":
    "int f(void)\n{\n\ttypeof(x->y) z;\n\tfor (struct t *p = container_of(q, typeof(struct t), n); p;) g((typeof(p))p);\n\treturn offsetof(struct s, a.b);\n}",
  "a field made by a macro": "struct s { __bpf_md_ptr(struct t *, t); int x; };",
  "anonymous types as arguments":
    "int f(void) { return bpf_core_type_id_local(struct { int x; }) + bpf_core_type_id_local(void *); }",
  "macros over many lines":
    '#define X(a) do { \\\n\tg("a" #a); /* b\n */ \\\n} while (0)\nint f(void) { X(1); return 0; }',
  "an enumeration filled by a macro": "enum e { MAPPER(ENUM_FN) LAST, };",
  "function pointers": "static long (*bpf_x)(void *p, int n) = (void *)9;\ntypedef int (*fn)(long);",
  "a clean-up attribute": "int f(void) { struct t *p __free(put) = get(); return 0; }",
};

for (const [name, text] of Object.entries(CONSTRUCTS)) {
  test(`${name} parses as plain C`, () => expect(errorsIn(text)).toEqual([]));
}

test("lowering keeps every offset and every line", () => {
  const breaks = (text: string) => [...text].flatMap((c, i) => (c === "\n" || c === "\r" ? [`${i}${c}`] : []));
  for (const text of [
    ...Object.values(CONSTRUCTS),
    ...Object.values(CONSTRUCTS).map((c) => c.replaceAll("\n", "\r\n")),
  ]) {
    const lowered = lower(text).text;
    expect(lowered.length).toBe(text.length);
    expect(breaks(lowered)).toEqual(breaks(text));
  }
});

test("plain C is left alone, but for preprocessor lines, which hold nothing for the grammar", () => {
  const rest = 'int main(void)\n{\n\tfor (int i = 0; i < 3; i++) { printf("SEC(%d)", i); }\n\treturn 0;\n}\n';
  expect(lower(`#include <stdio.h>\n${rest}`).text).toBe(`                  \n${rest}`);
});

test("comments and strings are left alone", () => {
  const text = '/* SEC("x") __always_inline */\nchar *s = "__uint(a, b)";\n';
  const lowered = lower(text);
  expect(lowered.text).toBe(text);
  expect(lowered.islands.sections).toEqual([]);
});

test("the string of a section is put together", () => {
  const name = (text: string) => lower(text).islands.sections[0]?.name;
  expect(name('SEC("xdp")')).toBe("xdp");
  expect(name('SEC("tp/" "x/y")')).toBe("tp/x/y");
  expect(name('#define F "do_exit"\nSEC("kprobe/" F)')).toBe("kprobe/do_exit");
  expect(name('SEC("kprobe/" ELSEWHERE)')).toBeUndefined();
  expect(name('__attribute__((section("tc"), used))')).toBe("tc");
});

test("a half-typed section keeps to its line", () => {
  const lowered = lower('SEC("xd\nint f(void *ctx) { return 0; }');
  expect(lowered.islands.sections.map(({ name }) => name)).toEqual(["xd"]);
  expect(lowered.text).toContain("int f(void *ctx) { return 0; }");
});

test("macros that lead to one another without end are survived", () => {
  const chain = Array.from({ length: 5000 }, (_, i) => `#define M${i} M${i + 1}`).join("\n");
  expect(lower(`${chain}\n#define M5000 static\nM0 int f(void) { M1 return 0; }\nM2(x)\n`).source).toContain("M0");
});

test("deep nesting takes no quadratic time", () => {
  lower("a(".repeat(200_000));
  lower(`int f() { ${"{".repeat(100_000)}`);
  lower('SEC("'.repeat(50_000));
});
