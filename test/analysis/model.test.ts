import { expect, test } from "vitest";
import type { BpfModel } from "../../server/src/analysis/model.ts";
import { build, modelOf } from "../support/check.ts";
import { fixture, textIn } from "../support/fixture.ts";

const FILE = `#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, struct { u64 a; });
} counts SEC(".maps");

struct bpf_map_def SEC("maps") old = { .type = BPF_MAP_TYPE_ARRAY };

static __always_inline void count(u32 key)
{
	u64 *value = bpf_map_lookup_elem(&counts, &key);
	if (value)
		__sync_fetch_and_add(value, 1);
}

SEC("kprobe/do_exit")
int BPF_KPROBE(on_exit, long code)
{
	if (!bpf_ksym_exists(bpf_new))
		return 0;
	count(bpf_get_current_pid_tgid() >> 32);
	return 0;
}

SEC("?xdp")
int drop(struct xdp_md *ctx)
{
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
`;

function programs({ programs }: BpfModel): readonly string[] {
  return programs.map(({ name, section }) => `${section.name} ${name}`);
}

test("programs are the functions with a section", () => {
  expect(programs(modelOf(FILE))).toEqual(["kprobe/do_exit on_exit", "?xdp drop"]);
});

test("the function behind a program macro has the name written in it", () => {
  const program = modelOf(FILE).programs[0];
  expect(program && textIn(FILE, program.nameRange)).toBe("on_exit");
  expect(program && textIn(FILE, program.range)).toMatch(/^SEC\("kprobe[\s\S]*return 0;\n}$/);
});

test("maps have their attributes", () => {
  const [counts, old] = modelOf(FILE).maps;
  expect(counts?.name).toBe("counts");
  expect(counts?.type).toBe("BPF_MAP_TYPE_HASH");
  expect(counts?.attributes.map(({ name, value }) => `${name}=${value}`)).toEqual([
    "type=BPF_MAP_TYPE_HASH",
    "max_entries=64",
    "key=u32",
    "value=struct { u64 a; }",
  ]);
  expect(old?.name).toBe("old");
});

test("an inner map keeps its attributes to itself", () => {
  const model = modelOf(`struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__array(values, struct { __uint(type, BPF_MAP_TYPE_ARRAY); });
} outer SEC(".maps");`);
  expect(model.maps[0]?.type).toBe("BPF_MAP_TYPE_HASH_OF_MAPS");
  expect(model.maps[0]?.attributes.map(({ name }) => name)).toEqual(["type", "values"]);
});

test("calls know their function and which map they mean", () => {
  const { calls } = modelOf(FILE);
  expect(
    calls.map((call) => `${call.in?.name}: ${call.name}(${call.args.map((a) => a.map?.name ?? a.text).join(", ")})`),
  ).toEqual([
    "count: bpf_map_lookup_elem(counts, &key)",
    "count: __sync_fetch_and_add(value, 1)",
    "on_exit: bpf_ksym_exists(bpf_new)",
    "on_exit: count(bpf_get_current_pid_tgid() >> 32)",
    "on_exit: bpf_get_current_pid_tgid()",
  ]);
});

test("the licence", () => {
  const { licence } = modelOf(FILE);
  expect(licence?.text).toBe("GPL");
  expect(licence && textIn(FILE, licence.range)).toBe("GPL");
});

test("a call without a semicolon before a program does not swallow it", () => {
  expect(programs(modelOf('ANNOTATE(a, int)\nSEC("xdp")\nint f(void *ctx) { return 0; }'))).toEqual(["xdp f"]);
});

test("what is half typed keeps its neighbours", () => {
  const broken = [
    "(",
    "{",
    "}",
    '"',
    'SEC("',
    "bpf_map_lookup_elem(&",
    "if (x ",
    "struct {",
    "->",
    "int BPF_PROG(",
    "__uint(",
    "for (;",
  ];
  const lost: string[] = [];
  for (const line of broken) {
    const text = FILE.replace('\nSEC("?xdp")', () => `\n${line}\nSEC("?xdp")`);
    const names = programs(modelOf(text));
    if (!names.includes("kprobe/do_exit on_exit") || !names.includes("?xdp drop"))
      lost.push(`${line} → ${names.join("; ")}`);
  }
  expect(lost).toEqual([]);
});

test("maps and programs that macros make stand where the macro is called", () => {
  const text = `#define COUNTER(name, n) struct { \\
	__uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, n); __type(key, u32); __type(value, struct name##_value); \\
} name##_map SEC(".maps"); struct name##_value { u32 a, b; }
#define HANDLER(name) SEC("tp/" #name) int handle_##name(void *ctx)
#define PROGRAMS(a) SEC("tc") int tc_##a(void *ctx) { return 0; }
COUNTER(hits, 4);
HANDLER(exec) { return 0; }
PROGRAMS(x)
PROGRAMS(y)
SEC("xdp") int last(void *ctx) { return 0; }
`;
  const model = modelOf(text);
  expect(model.maps.map(({ name, valueSize, maxEntries }) => [name, valueSize, maxEntries])).toEqual([
    ["hits_map", 8, 4],
  ]);
  expect(programs(model)).toEqual(["tp/exec handle_exec", "tc tc_x", "tc tc_y", "xdp last"]);
  expect(model.maps[0] && textIn(text, model.maps[0].range)).toBe("COUNTER(hits, 4)");
});

test("a program macro of the project's own gives section, name and arguments", () => {
  const model = modelOf(`#define FENTRY(name, args...) SEC("fentry/" #name) int BPF_PROG(name, ##args)
FENTRY(do_exit, long code) { return 0; }`);
  expect(programs(model)).toEqual(["fentry/do_exit do_exit"]);
  expect(model.programs[0]?.params).toEqual([{ type: "long", name: "code" }]);
});

test("macros are expanded as the preprocessor does it", () => {
  const model = modelOf(`#define IP 0
#define PROG_(NUM, NAME) SEC("flow_dissector") int dissect_##NUM(void *ctx)
#define PROG(F) PROG_(F, _##F)
#define BODY(name) int trace_##name(void *ctx) { return 0; }
#define BOTH(name) SEC("kprobe/" #name) BODY(name)
PROG(IP) { return 0; }
BOTH(read)
SEC("kprobe/write")
BODY(write)
`);
  expect(programs(model)).toEqual(["flow_dissector dissect_0", "kprobe/read trace_read", "kprobe/write trace_write"]);
});

test("inner maps are held by a number, and keep their own sizes to themselves", () => {
  const inner = "struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, u32); __type(value, u64); }";
  const model =
    modelOf(`struct { __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); __type(key, u16); __array(values, ${inner}); } a SEC(".maps");
#define OUTER(n) struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __type(key, u32); __array(values, ${inner}); } n SEC(".maps")
OUTER(b);`);
  expect(model.maps.map(({ name, type, keySize, valueSize }) => [name, type, keySize, valueSize])).toEqual([
    ["a", "BPF_MAP_TYPE_HASH_OF_MAPS", 2, 4],
    ["b", "BPF_MAP_TYPE_ARRAY_OF_MAPS", 4, 4],
  ]);
});

test("a macro that names itself is expanded once, as in C", () => {
  const model = modelOf(
    '#define MAP(n) struct { __uint(type, 1); } n SEC(".maps"); MAP(n)\nMAP(a)\nSEC("xdp") int f(void *ctx) { return 0; }',
  );
  expect(model.maps.map(({ name }) => name)).toEqual(["a"]);
  expect(programs(model)).toEqual(["xdp f"]);
});

test("a map that has no name yet is none", () => {
  expect(
    modelOf('BPF_HASH(, u32);\nBPF_TABLE("hash", u32, u64, , 10);\nBPF_ARRAY(a, u32);').maps.map(({ name }) => name),
  ).toEqual(["a"]);
});

test("BPF_STRUCT_OPS brings its section along", () => {
  const text = "s32 BPF_STRUCT_OPS(pick, struct task_struct *p) { return 0; }\nvoid BPF_STRUCT_OPS_SLEEPABLE(init) { }";
  expect(programs(modelOf(text))).toEqual(["struct_ops/pick pick", "struct_ops.s/init init"]);
});

test("arguments, with whatever stands around their names", () => {
  const params = (text: string) =>
    modelOf(`SEC("x") int ${text} { return 0; }`).programs[0]?.params.map(({ type, name }) => `${type} ${name}`);
  expect(params("f(struct xdp_md *ctx, const char *s, u8 a[4])")).toEqual([
    "struct xdp_md * ctx",
    "const char * s",
    "u8 * a",
  ]);
  expect(params("BPF_PROG(f, struct sock *sk __arg_trusted, int (*cb)(void *))")).toEqual([
    "struct sock * sk",
    "int (* cb",
  ]);
  expect(params("BPF_KPROBE(f)")).toEqual([]);
  expect(params("f(void)")).toEqual([]);
});

test("the licence by any name, and legacy and bcc maps", () => {
  const model = modelOf(`char _license[] __attribute__((section("license"), used)) = "Dual BSD/GPL";
struct bpf_map_def SEC("maps") old = { .type = BPF_MAP_TYPE_HASH, .key_size = sizeof(u32), .value_size = 16, .max_entries = 10 * 2 };
BPF_HASH(counts, struct key, u32, 128);
BPF_PERF_OUTPUT(events);
struct key { u64 a; };`);
  expect(model.licence?.text).toBe("Dual BSD/GPL");
  expect(model.maps.map((m) => [m.name, m.dialect, m.type, m.keySize, m.valueSize, m.maxEntries])).toEqual([
    ["old", "legacy", "BPF_MAP_TYPE_HASH", 4, 16, 20],
    ["counts", "bcc", "BPF_MAP_TYPE_HASH", 8, 4, 128],
    ["events", "bcc", "BPF_MAP_TYPE_PERF_EVENT_ARRAY", 0, 0, 0],
  ]);
});

test("what a map is filled with", () => {
  const model =
    modelOf(`struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __array(values, int (void *)); } jumps SEC(".maps") = {
	.values = { [0] = (void *)&one, [1] = &two },
};`);
  expect(model.maps[0]?.values).toEqual(["one", "two"]);
});

test("globals by where they end up", () => {
  const model = modelOf(`const volatile int level = 0;
int count;
u64 start = 5;
extern int LINUX_KERNEL_VERSION __kconfig;
extern const void bpf_prog_active __ksym;
int hidden SEC(".data.x");
extern int elsewhere;`);
  expect(model.globals.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
    "level rodata",
    "count bss",
    "start data",
    "LINUX_KERNEL_VERSION kconfig",
    "bpf_prog_active ksym",
    "hidden section",
    "elsewhere extern",
  ]);
});

test("several globals in one declaration", () => {
  const { globals } = modelOf(`int a[5], b = 3, *c = 0, **d;
const char *text = "a, b", letters[2] = { 1, 2 }, last;
struct s { int x, y; } one, *two;
int plain(int a, int b), after;`);
  expect(globals.map(({ name, type, bounds, kind }) => `${type} ${name}${bounds} ${kind}`)).toEqual([
    "int a[5] bss",
    "int b data",
    "int * c bss",
    "int ** d bss",
    "const char * text data",
    "const char letters[2] rodata",
    "const char last rodata",
    "struct s {} one bss",
    "struct s {} * two bss",
  ]);
});

test("kfuncs as the file declares them", () => {
  const { kfuncs } = modelOf(
    "extern void bpf_rcu_read_lock(void) __ksym;\nextern int bpf_new(void) __ksym __weak;\nint plain(void);",
  );
  expect(kfuncs.map(({ name, isWeak }) => [name, isWeak])).toEqual([
    ["bpf_rcu_read_lock", false],
    ["bpf_new", true],
  ]);
});

test("guards cover what runs only when they hold", () => {
  const { calls } = modelOf(`int f(struct t *t)
{
	if (bpf_core_field_exists(t->a))
		in_then();
	else
		in_else();
	bpf_core_type_exists(struct x) ? in_yes() : in_no();
	bpf_ksym_exists(k) && in_and();
	if (!bpf_core_enum_value_exists(enum e, V))
		return 0;
	after();
	return 1;
}
int g(void) { outside(); return 0; }`);
  const guarded = calls
    .filter(({ name }) => /^(?:in_|after|outside)/.test(name))
    .map(({ name, guards }) => `${name} ${guards.map(({ holds }) => holds).join()}`);
  expect(guarded).toEqual([
    "in_then true",
    "in_else false",
    "in_yes true",
    "in_no false",
    "in_and true",
    "after true",
    "outside ",
  ]);
});

test("words of code are found, words of comments and strings are not", () => {
  const at = (source: string) => {
    const { text, cursor } = fixture(source);
    return cursor && modelOf(text).wordAt(cursor)?.text;
  };
  expect(at("int f() { bpf_lo$0op(); }")).toBe("bpf_loop");
  expect(at("int f() { bpf_loop$0(); }")).toBe("bpf_loop");
  expect(at("$0bpf_loop")).toBe("bpf_loop");
  expect(at("#define X bpf_l$0oop(1)")).toBe("bpf_loop");
  expect(at("// bpf_l$0oop")).toBeUndefined();
  expect(at('"bpf_l$0oop"')).toBeUndefined();
  expect(at("a + $0 b")).toBeUndefined();
});

test("an edited model equals one made afresh", () => {
  const random = randomNumbers(7);
  let text = FILE;
  let built = build(text);
  for (let i = 0; i < 300; i++) {
    const start = Math.floor(random() * text.length);
    const end = Math.min(text.length, start + Math.floor(random() * 12));
    const piece = ["", "x", "(", "}", '"', "\n", 'SEC("tc")\n', "/*", "*/", "𝒳"][Math.floor(random() * 10)] ?? "";
    const before = { text, built };
    text = text.slice(0, start) + piece + text.slice(end);
    built = build(text, before.built);
    before.built.tree.dispose();
    const fresh = build(text);
    expect(JSON.stringify(built.model), `edit ${i}`).toBe(JSON.stringify(fresh.model));
    expect(built.model.errors(), `edit ${i}`).toEqual(fresh.model.errors());
    fresh.tree.dispose();
    if (i % 10 === 9) text = FILE;
  }
  built.tree.dispose();
});

/** Numbers that are the same in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

test("a section that a macro of the file's gives to variables, with attributes behind it", () => {
  const { globals } = modelOf(`
#define private(name) SEC(".data." #name) __hidden __attribute__((aligned(8)))
private(A) struct bpf_spin_lock lock;
private(A) struct bpf_list_head head __contains(node, link);
int other;
`);
  expect(globals.map(({ name, section }) => [name, section?.name])).toEqual([
    ["lock", ".data.A"],
    ["head", ".data.A"],
    ["other", undefined],
  ]);
});

test("names that are attributes elsewhere", () => {
  const { functions, calls } = modelOf(`
static int hidden(void) { return 1; }
static int private(int x) { return x; }
private(A) struct bpf_spin_lock lock;
SEC("tc") int f(struct __sk_buff *skb) { return hidden() + private(skb->len); }
`);
  expect(functions.map(({ name }) => name)).toEqual(["hidden", "private", "f"]);
  expect(calls.map((call) => `${call.name} in ${call.in?.name}`)).toEqual(["hidden in f", "private in f"]);
});
