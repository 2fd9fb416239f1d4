import { describe, expect, test } from "vitest";
import { signatureAt } from "../support/check.ts";

const HEAD = `
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, __u32); __type(value, __u64); } counts SEC(".maps");
`;

/** The signature at the cursor of statements in a kprobe. */
function inProgram(statements: string, target?: string) {
  const source = `${HEAD}
SEC("kprobe/do_exit")
int on_exit(struct pt_regs *ctx)
{
	${statements}
	return 0;
}
`;
  return signatureAt(source, target === undefined ? {} : { target });
}

const label = (statements: string) => inProgram(statements)?.label;
const words = (statements: string) => inProgram(statements)?.parameter;

describe("which parameter", () => {
  test("the first, the second, one too many", () => {
    expect(label("bpf_map_lookup_elem($0);")).toBe("void *bpf_map_lookup_elem(«void *map», const void *key)");
    expect(label("bpf_map_lookup_elem(&counts, $0);")).toBe("void *bpf_map_lookup_elem(void *map, «const void *key»)");
    expect(label("bpf_map_lookup_elem(&counts, &key, $0);")).toBe(
      "void *bpf_map_lookup_elem(void *map, const void *key)",
    );
  });

  test("a helper that takes nothing", () => {
    expect(label("bpf_ktime_get_ns($0);")).toBe("__u64 bpf_ktime_get_ns(void)");
  });

  test("before, inside and behind what is already there", () => {
    expect(label("bpf_map_update_elem($0&counts, &key, &value, 0);")).toContain("«void *map»");
    expect(label("bpf_map_update_elem(&counts, &k$0ey, &value, 0);")).toContain("«const void *key»");
    expect(label("bpf_map_update_elem(&counts, &key, &value, 0$0);")).toContain("«__u64 flags»");
    expect(label("bpf_map_update_elem(&counts, &key, &value, 0)$0;")).toBeUndefined();
    expect(label("bpf_map_upd$0ate_elem(&counts, &key, &value, 0);")).toBeUndefined();
  });

  test.each([
    ['a string: bpf_strncmp("a,b(", ', 'bpf_strncmp("a,(b\\",", 3, $0'],
    ["a comment", "bpf_strncmp(s /* , ( */, // , (\n\t\t3, $0"],
    ["a character", "bpf_strncmp(s, ',' + '(' + '\\'', $0"],
    ["a nested call", "bpf_strncmp(f(a, b), g(a, h(c, d)), $0"],
    ["brackets and braces", "bpf_strncmp((char[]){ 'a', 0 }, sizes[f(a, b)], $0"],
    ["a cast", "bpf_strncmp((const char *)(s), (u32)(n), $0"],
    ["a statement expression", "bpf_strncmp(s, ({ int a = f(1, 2); a; }), $0"],
    ["a line break and a directive", "bpf_strncmp(s,\n#ifdef WIDE\n\t\t64,\n#else\n\t\t32,\n#endif\n\t\t$0"],
  ])("commas in %s do not count", (_, statements) => {
    expect(label(`${statements});`)).toBe("long bpf_strncmp(const char *s1, __u32 s1_sz, «const char *s2»)");
  });

  test("nor do those of branches that exclude each other, whatever branch the function itself is in", () => {
    const call = "bpf_strncmp(s,\n#ifdef WIDE\n\t64,\n#else\n\t32,\n#endif\n\t$0)";
    for (const [before, after] of [
      ["", ""],
      ["#ifdef OLD\nint g(void);\n#else\n", "#endif\n"],
      ["#define WIDE\n", ""],
    ])
      expect(signatureAt(`${before}int f(char *s) { return ${call}; }\n${after}`)?.label).toContain("«const char *s2»");
  });

  test("a nested call gives the inner one, behind it the outer one again", () => {
    const outer = "bpf_perf_event_output(ctx, &events, bpf_get_smp_processor_id(";
    expect(label(`${outer}$0), &e, sizeof(e));`)).toBe("__u32 bpf_get_smp_processor_id(void)");
    expect(label(`${outer})$0, &e, sizeof(e));`)).toContain("«__u64 flags»");
    expect(label(`${outer}), &e, sizeof($0e));`)).toContain("«__u64 size»");
    expect(label(`${outer}), &e, (4 + ($0`)).toContain("«__u64 size»");
    expect(label(`${outer}), &e, sizes[a, $0`)).toContain("«__u64 size»");
    expect(label(`${outer}), &(struct event){ .a = 1, .b = $0`)).toContain("«void *data»");
  });

  test("what is not known is not taken for the call around it", () => {
    expect(label("bpf_map_lookup_elem(&counts, mine($0));")).toBeUndefined();
    expect(label("bpf_map_lookup_elem(&counts, ops->init($0));")).toBeUndefined();
    expect(label("bpf_map_lookup_elem(&counts, (*ops)(a, $0));")).toBeUndefined();
    expect(label("counts.bpf_map_lookup_elem($0);")).toBeUndefined();
  });
});

describe("half typed", () => {
  test("without its parenthesis, before the next statement", () => {
    expect(label("bpf_map_lookup_elem(&counts, $0\n\tlong x = bpf_ktime_get_ns();")).toContain("«const void *key»");
    expect(label("bpf_map_lookup_elem(&counts, $0\n\tif (x) { f(); }")).toContain("«const void *key»");
    expect(label("if (bpf_map_lookup_elem($0\n\t\treturn 1;")).toContain("«void *map»");
    expect(label("for (int i = 0; i < bpf_get_prandom_u32($0\n\tf();")).toContain("bpf_get_prandom_u32");
    expect(label("long *v = bpf_map_lookup_elem(\n\t\t&counts,\n\t\t$0\n")).toContain("«const void *key»");
  });

  test("what comes after a call that was not ended is no argument of it", () => {
    for (const next of ["return $0", "if ($0", "long x = 3, $0", "x += $0", "}  $0", "f($0", "for (i = 0; $0", "x, $0"])
      expect(label(`bpf_map_lookup_elem(&counts, &key\n\t${next}`), next).toBeUndefined();
    expect(label("bpf_map_lookup_elem(&counts, &key\n\tbpf_strtol($0")).toContain("«const char *buf»");
  });

  test("behind brackets that do not match", () => {
    expect(label("if (x { f(y[; \n\tbpf_map_lookup_elem(&counts, $0")).toContain("«const void *key»");
    expect(label("} } ) bpf_map_lookup_elem(&counts, $0")).toContain("«const void *key»");
  });

  test("at the very end of a file and alone in one", () => {
    expect(signatureAt("bpf_map_lookup_elem($0")?.label).toContain("«void *map»");
    expect(signatureAt("$0")).toBeUndefined();
    expect(signatureAt("($0")).toBeUndefined();
    expect(signatureAt(")))$0")).toBeUndefined();
  });

  test("at any place of any beginning of a file it answers without failing", () => {
    const whole = `${HEAD}SEC("xdp") int f(struct xdp_md *c) { if (bpf_strncmp("a", (u32){ 1 }, x[',']) != 0) { return 1; } }`;
    for (let end = 0; end < whole.length; end++) signatureAt(`${whole.slice(0, end)}$0`);
  });
});

describe("nothing", () => {
  test.each([
    ["a comment of a line", "bpf_map_lookup_elem(// &counts, $0\n);"],
    ["a block comment", "bpf_map_lookup_elem(/* &counts, $0 */);"],
    ["a comment that is not ended", "bpf_map_lookup_elem(/* $0"],
    ["a string", 'bpf_printk("%d, $0", 1);'],
    ["a string that is not ended", 'bpf_printk("%d, $0\n\tf();'],
    ["a character", "bpf_map_lookup_elem('$0');"],
    ["a call in a comment", "/* bpf_map_lookup_elem( */ $0;"],
    ["a declaration of the same name", "long bpf_map_lookup_elem($0"],
  ])("in %s", (_, statements) => {
    expect(inProgram(statements)).toBeUndefined();
  });

  test("right behind a comment or string it is there again", () => {
    expect(label("bpf_map_lookup_elem(/* map */$0);")).toContain("«void *map»");
    expect(label('bpf_printk("%d"$0, 1);')).toContain("«fmt»");
    expect(label('bpf_printk("\\""$0, 1);')).toContain("«fmt»");
  });

  test.each([
    "static int own(int a, $0int b) { return 0; }",
    "static int\nown(int a, $0int b)\n{ return 0; }",
    "static struct x *own(int a, $0int b) { return 0; }",
    "static int own(int a, $0",
    'SEC("kprobe/f")\nint BPF_KPROBE(on_f, int a, $0int b) { return 0; }',
    'SEC("kprobe/f")\nint BPF_KPROBE($0',
    "extern void bpf_rcu_read_lock($0void) __ksym;",
    "extern struct task_struct *bpf_task_acquire(struct task_struct *p, $0) __ksym;",
    "static long (*bpf_probe_read)(void *dst, $0) = (void *)4;",
    'SEC("kprobe/f$0")\nint f(void) { return 0; }',
    'struct { int a; } m SEC($0".maps");',
    "#include <bpf/bpf_helpers.h($0",
    "#define bpf_map_lookup_elem(a, $0b) 1",
  ])("in what declares: %s", (source) => {
    expect(signatureAt(HEAD + source)).toBeUndefined();
  });
});

describe("macros", () => {
  test("of libbpf, the last of a variable number stays", () => {
    expect(label("BPF_CORE_READ($0)")).toBe("BPF_CORE_READ(«src», a, ...)");
    expect(label("BPF_CORE_READ(task, mm, exe_file, f_path, $0)")).toBe("BPF_CORE_READ(src, a, «...»)");
    expect(label('bpf_printk("%d %d %d", 1, 2, $0)')).toBe("bpf_printk(fmt, «args...»)");
    expect(label("bpf_trace_printk(f, sizeof(f), 1, 2, $0)")).toContain("«...»");
  });

  test("calls in them", () => {
    expect(label("BPF_CORE_READ((struct task_struct *)bpf_get_current_task($0), pid)")).toContain(
      "bpf_get_current_task",
    );
    expect(label("BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), $0)")).toBe(
      "BPF_CORE_READ(src, «a», ...)",
    );
    expect(label("bpf_for(i, 0, bpf_get_prandom_u32($0)) { }")).toContain("bpf_get_prandom_u32");
    expect(label("bpf_for(i, 0, $0) { }")).toBe("bpf_for(i, start, «end»)");
  });

  test("calls in the body of a #define", () => {
    expect(signatureAt("#define LOOKUP(m, k) \\\n\tbpf_map_lookup_elem(m, $0k)\n")?.label).toContain(
      "«const void *key»",
    );
    expect(signatureAt("#define FIRST(m) bpf_map_lookup_elem($0m, 0)\nint x;")?.label).toContain("«void *map»");
  });

  test("in a map definition", () => {
    expect(signatureAt('struct { __uint(type, $0); } m SEC(".maps");')?.label).toBe("__uint(name, «val»)");
  });

  test("offsetof is known, sizeof is no call", () => {
    expect(label("offsetof(struct event, $0)")).toBe("offsetof(type, «member»)");
    expect(label("sizeof($0)")).toBeUndefined();
  });

  test("inline functions of libbpf show their types", () => {
    expect(label("bpf_usdt_arg(ctx, $0)")).toBe("int bpf_usdt_arg(struct pt_regs *ctx, «__u64 arg_num», long *res)");
  });
});

describe("functions of the file", () => {
  test("as written, without what is not their type", () => {
    const source = `
static __always_inline const struct event *own(struct event *e, /* how many */ int sizes[4],
	int (*then)(int a, int b))
{ return 0; }
int f(void) { own(e, sizes, $0); }`;
    expect(signatureAt(source)?.label).toBe(
      "const struct event *own(struct event *e, int sizes[4], «int (*then)(int a, int b)»)",
    );
  });

  test("go before those of the kernel; a macro of the file's own says nothing", () => {
    const own = "static int bpf_map_lookup_elem(int mine) { return 0; }\nint f(void) { bpf_map_lookup_elem($0); }";
    expect(signatureAt(own)?.label).toBe("int bpf_map_lookup_elem(«int mine»)");
    const macro = "#define bpf_map_lookup_elem(a) 1\nint f(void) { bpf_map_lookup_elem($0); }";
    expect(signatureAt(macro)).toBeUndefined();
  });

  test("a function without parameters", () => {
    expect(signatureAt("static int own(void) { return 0; }\nint f(void) { return own($0); }")?.label).toBe(
      "int own(void)",
    );
  });
});

describe("kfuncs", () => {
  test("as the file declares them, with what the kernel says of their names", () => {
    const source = `
extern void *bpf_obj_new_impl(__u64 local_type_id, void *meta) __ksym;
int f(void) { bpf_obj_new_impl($0); }`;
    expect(signatureAt(source)).toMatchObject({
      label: "void *bpf_obj_new_impl(«__u64 local_type_id», void *meta)",
      parameter: "a constant known at load",
    });
  });

  test("as the kernel has them, without what it passes itself", () => {
    expect(label("bpf_obj_new($0)")).toBe("void *bpf_obj_new(«u64 local_type_id__k»)");
    expect(label("bpf_wq_set_callback(wq, $0)")).toBe(
      "int bpf_wq_set_callback(struct bpf_wq *wq, «int (*callback_fn)(void *map, int *key, void *value)», unsigned int flags)",
    );
  });

  test.each([
    ["bpf_obj_new_impl(1, $0)", "filled in by the verifier, whatever is passed"],
    ["bpf_rdonly_cast($0)", "not checked by the verifier"],
    ["bpf_copy_from_user_str(dst, $0)", "the number of bytes at `dst`"],
    ["bpf_dynptr_slice(p, 0, buf, $0)", "the number of bytes at `buffer__nullable`, as a constant known at load"],
    ["bpf_dynptr_slice(p, 0, $0)", "may be `NULL`"],
    ["bpf_dynptr_clone(p, $0)", "not initialised before the call, which does that"],
    ["bpf_get_file_xattr(file, $0)", "a string constant in read-only memory"],
    ["bpf_arena_alloc_pages($0)", "the address of a map"],
    ["bpf_dynptr_slice($0)", "the address of a `struct bpf_dynptr`"],
    ["bpf_dynptr_slice(p, $0)", "a number"],
    ["bpf_crypto_ctx_create($0, 8, &err)", "memory of `params__sz` bytes"],
    ["bpf_rbtree_add(root, node, $0)", "a function of this program"],
  ])("%s", (statements, wanted) => {
    expect(words(statements)).toBe(wanted);
  });
});

describe("what an argument must be", () => {
  test.each([
    ["bpf_map_update_elem(&counts, $0)", "the address of a key of the map"],
    ["bpf_ringbuf_output($0)", 'a map defined with `SEC(".maps")`: ring buffer only'],
    ["bpf_ringbuf_reserve(&rb, $0)", "a constant known at load, may be 0"],
    ["bpf_perf_event_output($0)", "the program's context, unchanged"],
    ["bpf_probe_read_kernel($0)", "memory of at least `size` bytes, which is written"],
    ["bpf_probe_read_kernel(&x, $0)", "the number of bytes at `dst`, may be 0; the verifier must know its limits"],
    ["bpf_probe_read_kernel(&x, sizeof(x), $0)", "an address, which the verifier does not check"],
    ["bpf_task_storage_get(&m, t, $0)", "the address of a value as the map holds them, may be `NULL`"],
    ["bpf_task_storage_get(&m, $0)", "a `struct task_struct` that the kernel gave, may be `NULL`"],
    ["bpf_ringbuf_submit($0)", "a record that `bpf_ringbuf_reserve()` gave, which the call gives back or hands over"],
    ["bpf_check_mtu(ctx, 0, $0)", "the address of a `__u32`, which is written"],
    ["bpf_strtol(s, 3, 0, $0)", "the address of a `long`, which is written"],
    ["bpf_loop(10, $0)", "a static function of this program"],
    ["BPF_CORE_READ($0)", "the pointer to begin with"],
    ["BPF_CORE_READ(task, mm, exe_file, $0)", "further fields, each reached through the one before"],
    ["bpf_get_branch_snapshot(b, 8, $0)", "a number"],
  ])("%s", (statements, wanted) => {
    expect(words(statements)).toBe(wanted);
  });

  test("a map that most types will do for", () => {
    expect(words("bpf_map_lookup_elem($0)")).toBe('a map defined with `SEC(".maps")`, but not of every type');
  });

  test("every parameter that the kernel says something of has words, and none is empty", async () => {
    const { kb } = await import("../support/check.ts");
    for (const { name, params } of kb.facts.helpers) {
      params.forEach((param, i) => {
        if (param.kind === undefined) return;
        expect(words(`${name}(${"x, ".repeat(i)}$0)`), `${name} ${param.name}`).toMatch(/^[a-z].*[\w`)]$/);
      });
    }
  });
});

describe("what is said of the call", () => {
  test("what it does", () => {
    expect(inProgram("bpf_map_lookup_elem($0)")?.documentation).toBeTruthy();
    expect(inProgram("BPF_CORE_READ($0)")?.documentation).toBeTruthy();
  });

  test("the targets that lack it", () => {
    expect(inProgram("bpf_ringbuf_output($0)", "5.4")?.documentation).toMatch(
      /^⚠️ \*\*Not on 5\.4\*\*: first in 5\.8|^⚠️ \*\*Not on 5\.4\*\*/,
    );
    expect(inProgram("bpf_ringbuf_output($0)", "6.1")?.documentation).not.toContain("⚠️");
  });

  test("programs that may not call it", () => {
    const source = `SEC("xdp") int f(struct xdp_md *ctx) { bpf_probe_write_user($0); }`;
    expect(signatureAt(source, { target: "6.1" })?.documentation).toContain("no kernel lets XDP programs call this");
  });

  test("what a macro needs, by the name of what it uses", () => {
    expect(inProgram("bpf_for($0)", "6.1")?.documentation).toContain("(it uses `bpf_iter_num_new`)");
    expect(inProgram("bpf_printk($0)", "5.4")?.documentation).not.toContain("⚠️");
  });
});
