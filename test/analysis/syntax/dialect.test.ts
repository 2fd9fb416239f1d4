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

test("plain C is left alone", () => {
  const text =
    '#include <stdio.h>\nint main(void)\n{\n\tfor (int i = 0; i < 3; i++) { printf("SEC(%d)", i); }\n\treturn 0;\n}\n';
  expect(lower(text).text).toBe(text);
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

test("deep nesting takes no quadratic time", () => {
  lower("a(".repeat(200_000));
  lower(`int f() { ${"{".repeat(100_000)}`);
  lower('SEC("'.repeat(50_000));
});
