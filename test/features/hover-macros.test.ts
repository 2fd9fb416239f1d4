import { expect, test } from "vitest";
import { hoverAt } from "../support/check.ts";

const inside = (statement: string) => `SEC("kprobe/x") int f(struct pt_regs *ctx) {\n  ${statement}\n  return 0;\n}\n`;

/** What the macro at `$0` becomes, line by line; undefined where its card does not say. */
function becomes(source: string): readonly string[] | undefined {
  const block = / {2}```c\n([^`]*) {2}```/.exec(hoverAt(source) ?? "")?.[1];
  return block
    ?.trimEnd()
    .split("\n")
    .map((line) => line.slice(2));
}

const here = (statement: string) => becomes(inside(statement));
const shown = (statement: string, target?: string) =>
  hoverAt(inside(statement), target === undefined ? {} : { target });

test("BPF_CORE_READ is one read for each field", () => {
  expect(here("x = BPF_CORE_RE$0AD(task, mm, exe_file, f_inode, i_ino);")).toEqual([
    "bpf_core_read(&t1, sizeof(t1), &task->mm);",
    "bpf_core_read(&t2, sizeof(t2), &t1->exe_file);",
    "bpf_core_read(&t3, sizeof(t3), &t2->f_inode);",
    "bpf_core_read(&v, sizeof(v), &t3->i_ino);",
  ]);
  expect(shown("x = BPF_CORE_RE$0AD(task, mm, pgd);")).toContain("**Reads:** 2, by `bpf_probe_read_kernel`;");
});

test("arguments stand in it as they are written, on one line, in parentheses where they need them", () => {
  expect(here("BPF_CORE_RE$0AD((struct sock *)p, a.b[i + 1],\n    /* then */ c);")).toEqual([
    "bpf_core_read(&t1, sizeof(t1), &((struct sock *)p)->a.b[i + 1]);",
    "bpf_core_read(&v, sizeof(v), &t1->c);",
  ]);
  expect(here("BPF_CORE_RE$0AD(next(p)->list[0].q, c);")).toEqual([
    "bpf_core_read(&v, sizeof(v), &next(p)->list[0].q->c);",
  ]);
  // No name of ours is one of the user's.
  expect(here("BPF_CORE_RE$0AD(t1, v, c);")).toEqual([
    "bpf_core_read(&p1, sizeof(p1), &t1->v);",
    "bpf_core_read(&value, sizeof(value), &p1->c);",
  ]);
});

test("its kin read into memory of the caller's, strings, user memory, or without relocation", () => {
  expect(here("BPF_CORE_READ_INT$0O(&x, p, a, b);")).toEqual([
    "bpf_core_read(&t1, sizeof(t1), &p->a);",
    "bpf_core_read(&x, sizeof(x), &t1->b);",
  ]);
  expect(here("BPF_CORE_READ_STR_INT$0O(buf, p, a, b);")).toEqual([
    "bpf_core_read(&t1, sizeof(t1), &p->a);",
    "bpf_core_read_str(buf, sizeof(*buf), &t1->b);",
  ]);
  expect(here("BPF_CORE_READ_USER_STR_INT$0O(&buf, p, a, b);")?.at(-1)).toBe(
    "bpf_core_read_user_str(&buf, sizeof(buf), &t1->b);",
  );
  expect(here("BPF_PROBE_RE$0AD(p, a);")).toEqual(["bpf_probe_read_kernel(&v, sizeof(v), &p->a);"]);
  expect(here("BPF_PROBE_READ_USER_STR_INT$0O(&buf, p, a);")).toEqual([
    "bpf_probe_read_user_str(&buf, sizeof(buf), &p->a);",
  ]);
  expect(shown("BPF_CORE_READ_STR_INT$0O(&buf, p, a, b);")).toContain(
    "**Reads:** 2, by `bpf_probe_read_kernel`, the last by `bpf_probe_read_kernel_str`;",
  );
  expect(shown("BPF_PROBE_RE$0AD(p, a);")).toContain("with the offsets of the types as compiled");
});

test("one of nested calls is that at the cursor", () => {
  expect(here("BPF_CORE_RE$0AD(BPF_CORE_READ(p, a), b);")).toEqual([
    "bpf_core_read(&v, sizeof(v), &BPF_CORE_READ(p, a)->b);",
  ]);
  expect(here("BPF_CORE_READ(BPF_CORE_RE$0AD(p, a), b);")).toEqual(["bpf_core_read(&v, sizeof(v), &p->a);"]);
  expect(here('bpf_printk("%d", BPF_CORE_RE$0AD(p, a));')).toEqual(["bpf_core_read(&v, sizeof(v), &p->a);"]);
  expect(here("bpf_core_read(&x, sizeof(x), &BPF_CORE_RE$0AD(p, a)[bpf_get_smp_processor_id()]);")).toEqual([
    "bpf_core_read(&v, sizeof(v), &p->a);",
  ]);
});

test("more fields than libbpf can count are said to be too many", () => {
  const fields = (n: number) => Array.from({ length: n }, (_, i) => `f${i}`).join(", ");
  expect(here(`BPF_CORE_RE$0AD(p, ${fields(9)});`)).toHaveLength(9);
  expect(shown(`BPF_CORE_RE$0AD(p, ${fields(10)});`)).toContain("does not compile: at most 9 fields, here are 10");
  expect(here(`BPF_CORE_READ_INT$0O(&x, p, ${fields(10)});`)).toHaveLength(10);
});

test("where it is not certain what the macro gets, its card says what it becomes in general", () => {
  const general = (statement: string) => {
    const text = shown(statement);
    expect(text, statement).toContain("#include <bpf/bpf_core_read.h>");
    expect(text, statement).toContain("**Becomes:** `v = src->a->…");
    expect(text, statement).not.toContain("Here it becomes");
  };
  general("x = BPF_CORE_RE$0AD");
  general("x = BPF_CORE_RE$0AD(");
  general("x = BPF_CORE_RE$0AD(p");
  general("x = BPF_CORE_RE$0AD(p, a");
  general("x = BPF_CORE_RE$0AD(p, a;");
  general("x = BPF_CORE_RE$0AD(p, a\n  if (x) { g(1); }");
  general("x = BPF_CORE_RE$0AD(p, );");
  general("x = BPF_CORE_RE$0AD(p);");
  general("x = BPF_CORE_RE$0AD();");
  general("x = BPF_CORE_RE$0AD(p,\n#ifdef OLD\n  a\n#else\n  b\n#endif\n  );");
  const path = "#define PATH mm, pgd\n";
  expect(becomes(`${path}${inside("BPF_CORE_RE$0AD(p, PATH);")}`)).toBeUndefined();
  expect(becomes("#define R(p, ...) BPF_CORE_RE$0AD(p, __VA_ARGS__)")).toBeUndefined();
  expect(becomes("#define R(p, a...) \\\n  BPF_CORE_RE$0AD(p, a)")).toBeUndefined();
  expect(hoverAt("#define R(p, ...) BPF_CORE_RE$0AD(p, __VA_ARGS__)")).toContain("**Becomes:**");
});

test("a macro of the file's own by that name is not libbpf's", () => {
  expect(hoverAt(`#define BPF_CORE_READ(p, a) p->a\n${inside("BPF_CORE_RE$0AD(p, a);")}`)).toBeUndefined();
});

test("arguments show no card of the macro's, and a field none of a map or helper by its name", () => {
  const map = 'struct { __uint(type, BPF_MAP_TYPE_HASH); } events SEC(".maps");\n';
  const at = (statement: string) => hoverAt(`${map}${inside(statement)}`);
  expect(at("BPF_CORE_READ(ta$0sk, mm);")).toBeUndefined();
  expect(at("BPF_CORE_READ(task, m$0m);")).toBeUndefined();
  expect(at("BPF_CORE_READ(task, eve$0nts, pid);")).toBeUndefined();
  expect(at("BPF_CORE_READ(task, a.eve$0nts);")).toBeUndefined();
  expect(at("BPF_CORE_READ_INTO(&x, task, a, eve$0nts);")).toBeUndefined();
  expect(at("bpf_core_field_exists(struct s, eve$0nts);")).toBeUndefined();
  expect(at("x = offsetof(struct s, eve$0nts);")).toBeUndefined();
  expect(at("x = task->eve$0nts;")).toBeUndefined();
  expect(at("struct s x = { .eve$0nts = 1 };")).toBeUndefined();
  expect(at("struct eve$0nts *e = 0;")).toBeUndefined();
  expect(at("BPF_CORE_READ(task, list[BPF_MAP_TYPE_HA$0SH]);")).toContain("map type");
  expect(at("bpf_map_lookup_elem(&eve$0nts, &k);")).toContain("map of this file");
  expect(at("// All of them.\n  bpf_map_lookup_elem(&eve$0nts, &k);")).toContain("map of this file");
  expect(at("// All of them.\n  eve$0nts;")).toContain("map of this file");
  expect(hoverAt(`${map}static int g(void *events) { return use(eve$0nts); }`)).toBeUndefined();
});

test("a question to the kernel is a number that the load fills in", () => {
  expect(here("bpf_core_field_exis$0ts(p->state);")).toEqual([
    "__builtin_preserve_field_info(p->state, BPF_FIELD_EXISTS)",
  ]);
  expect(here("bpf_core_field_si$0ze(struct s, f);")).toEqual([
    "__builtin_preserve_field_info(((typeof(struct s) *)0)->f, BPF_FIELD_BYTE_SIZE)",
  ]);
  expect(here("bpf_core_field_offs$0et(p->f);")?.[0]).toContain("BPF_FIELD_BYTE_OFFSET");
  expect(here("bpf_core_type_exis$0ts(struct s);")).toEqual([
    "__builtin_preserve_type_info(*(typeof(struct s) *)0, BPF_TYPE_EXISTS)",
  ]);
  expect(here("bpf_core_enum_val$0ue(enum e, A);")).toEqual([
    "__builtin_preserve_enum_value(*(typeof(enum e) *)A, BPF_ENUMVAL_VALUE)",
  ]);
  expect(here("bpf_core_field_exis$0ts(struct s, f, g);")).toBeUndefined();
});

test("it says what the number is, and what where the kernel lacks the thing", () => {
  expect(shown("bpf_core_field_exis$0ts(struct s___old, f);")).toContain(
    "**Value:** 1 where the running kernel has the field `f` of `struct s`, else 0",
  );
  expect(shown("bpf_core_field_exis$0ts(struct s___old, f);")).toContain(
    "`struct s___old`:** is looked up as `struct s`",
  );
  expect(shown("bpf_core_field_exis$0ts(struct s__old, f);")).not.toContain("is looked up");
  expect(shown("bpf_core_field_si$0ze(p->f);")).toContain("the program is refused once the verifier gets there");
  expect(shown("bpf_core_type_si$0ze(struct s);")).toContain("`struct s`; 0 where it has none");
  expect(shown("bpf_core_type_match$0es(struct s);")).toContain("looks like this one, else 0");
  expect(shown("bpf_core_enum_val$0ue(enum e, A);")).toContain("refused once the verifier gets there");
  expect(shown("bpf_core_enum_value_exis$0ts(enum e, A);")).toContain("has `A` of `enum e`, else 0");
});

test("bpf_core_cast calls a kfunc", () => {
  expect(here("struct sock *s = bpf_core_ca$0st(p, struct sock);")).toEqual([
    "(struct sock *)bpf_rdonly_cast(p, bpf_core_type_id_kernel(struct sock))",
  ]);
  expect(shown("bpf_core_ca$0st(p, struct sock);", "6.1")).toMatch(
    /^⚠️ \*\*Not on 6\.1\*\*: first in 6\.2 \(it uses `bpf_rdonly_cast`\)/,
  );
});

test("a bit-field is loaded and shifted, or read by a helper before", () => {
  expect(here("BPF_CORE_READ_BITFIEL$0D(skb, pkt_type);")?.[0]).toBe("const void *p = (const void *)skb + offset;");
  expect(here("BPF_CORE_READ_BITFIELD_PROBE$0D(skb, pkt_type);")?.[1]).toBe(
    "bpf_probe_read_kernel(&val, size, (const void *)skb + offset);",
  );
  expect(here("BPF_CORE_WRITE_BITFIEL$0D(skb, pkt_type, 3);")?.at(-1)).toBe(
    "*p = (val & ~mask) | (3 << (rshift - lshift) & mask);",
  );
});

test("a program macro makes a function that takes the context", () => {
  const source = `SEC("tp_btf/sched_switch")
static __always_inline long
BPF_PRO$0G(on_switch, bool preempt, struct task_struct *prev)
{ return 0; }`;
  expect(becomes(source)).toEqual([
    "long on_switch(unsigned long long *ctx) {",
    "    bool preempt = ctx[0];",
    "    struct task_struct *prev = ctx[1];",
    "    …",
    "}",
  ]);
  expect(hoverAt(source)).toContain("is that of `____on_switch`");
  expect(becomes('SEC("fentry/x") int BPF_PRO$0G(f) { return 0; }')).toEqual([
    "int f(unsigned long long *ctx) {",
    "    …",
    "}",
  ]);
});

test("it says so while its body is missing, and not while its parameters are", () => {
  expect(becomes('SEC("fentry/x")\nint BPF_PRO$0G(f, int a)')?.[1]).toBe("    int a = ctx[0];");
  expect(becomes('SEC("fentry/x")\nint BPF_PRO$0G(f, int a')).toBeUndefined();
  expect(becomes('SEC("fentry/x")\nint BPF_PRO$0G(')).toBeUndefined();
});

test("probes take their parameters from registers", () => {
  const at = (macro: string, params: string) =>
    becomes(`SEC("kprobe/x")\nint ${macro.slice(0, 4)}$0${macro.slice(4)}(f${params}) { return 0; }`);
  expect(at("BPF_KPROBE", ", int a, long b")).toEqual([
    "int f(struct pt_regs *ctx) {",
    "    int a = PT_REGS_PARM1(ctx); // rdi on x86-64, x0 on arm64",
    "    long b = PT_REGS_PARM2(ctx); // rsi on x86-64, x1 on arm64",
    "    …",
    "}",
  ]);
  expect(at("BPF_UPROBE", ", int a")?.[1]).toContain("PT_REGS_PARM1(ctx)");
  expect(at("BPF_KRETPROBE", ", int ret")?.[1]).toBe("    int ret = PT_REGS_RC(ctx); // rax on x86-64, x0 on arm64");
  expect(at("BPF_URETPROBE", ", int ret")?.[1]).toContain("PT_REGS_RC(ctx)");
  expect(at("BPF_KSYSCALL", ", int a, int b, int c, int d")?.[1]).toContain("LINUX_HAS_SYSCALL_WRAPPER ?");
  expect(at("BPF_KSYSCALL", ", int a, int b, int c, int d")?.[5]).toBe(
    "    int d = PT_REGS_PARM4_CORE_SYSCALL(regs); // r10 on x86-64, x3 on arm64",
  );
  expect(at("BPF_USDT", ", int a")?.[1]).toBe("    int a = ({ long x; bpf_usdt_arg(ctx, 0, &x); x; });");
  const eight = Array.from({ length: 8 }, (_, i) => `, int a${i}`).join("");
  expect(at("BPF_KPROBE", eight)?.[8]).toBe("    int a7 = PT_REGS_PARM8(ctx); // x7 on arm64");
});

test("more parameters than libbpf can count are said to be too many", () => {
  const at = (macro: string, n: number) =>
    hoverAt(`int $0${macro}(f${Array.from({ length: n }, (_, i) => `, int a${i}`).join("")}) { return 0; }`);
  expect(at("BPF_PROG", 13)).toContain("at most 12 parameters, here are 13");
  expect(at("BPF_KPROBE", 9)).toContain("at most 8 parameters, here are 9");
  expect(at("BPF_KRETPROBE", 2)).toContain("at most 1 parameter, here are 2");
});

test("BPF_PROG2 counts the slots that its types take, as far as the file tells", () => {
  const source = `struct pair { long a, b; };
SEC("fentry/x") int BPF_PROG$02(f, int, n, struct pair, p, struct sock *, sk, struct far, q, int, m) { return 0; }`;
  expect(becomes(source)).toEqual([
    "int f(unsigned long long *ctx) {",
    "    int n = ctx[0];",
    "    struct pair p; // from ctx[1] and ctx[2]",
    "    struct sock *sk = ctx[3];",
    "    struct far q; // from ctx[4] on",
    "    int m; // from the slots behind",
    "    …",
    "}",
  ]);
});

test("bpf_printk takes one of two helpers, by the number of its values", () => {
  expect(here('bpf_pri$0ntk("pid %d", pid);')).toEqual([
    'static const char fmt[] = "pid %d";',
    "bpf_trace_printk(fmt, sizeof(fmt), pid);",
  ]);
  expect(here('bpf_pri$0ntk("%d %d %d %d", a, b, c, d);')).toEqual([
    'static const char fmt[] = "%d %d %d %d";',
    "unsigned long long param[] = { a, b, c, d };",
    "bpf_trace_vprintk(fmt, sizeof(fmt), param, sizeof(param));",
  ]);
  expect(shown('bpf_pri$0ntk("%d %d %d %d", a, b, c, d);')).toContain(
    "**Helper:** `bpf_trace_vprintk`, since Linux 5.16",
  );
  expect(shown('bpf_pri$0ntk("%d %d %d %d", a, b, c, d);', "5.10")).toMatch(/^⚠️ .*\(it uses `bpf_trace_vprintk`\)/);
  expect(shown('bpf_pri$0ntk("%d %d %d", a, b, c);', "5.10")).not.toContain("⚠️");
});

test("its format is held against its values", () => {
  expect(shown('bpf_pri$0ntk("%d of %5llu: %s %pI4 100%%" "\\n", a, b, c, d);')).toContain(
    "**Format:** 4 values: `%d`, `%5llu`, `%s`, `%pI4`",
  );
  expect(shown('bpf_pri$0ntk("%d %d", a);')).toContain(
    "**Format:** **asks for 2 values** (`%d`, `%d`), the call has 1",
  );
  expect(shown('bpf_pri$0ntk("none", a);')).toContain("**asks for 0 values**, the call has 1");
  for (const call of ['bpf_pri$0ntk("none");', 'bpf_pri$0ntk("%f", a);', "bpf_pri$0ntk(FORMAT, a);"])
    expect(shown(call), call).not.toContain("**Format:**");
  const number = "#define SIZE 4\n#define PAIR a, b\n";
  expect(becomes(`${number}${inside('bpf_pri$0ntk("%d", SIZE);')}`)).toHaveLength(2);
  expect(becomes(`${number}${inside('bpf_pri$0ntk("%d %d", PAIR);')}`)).toBeUndefined();
});

test("its kin put their values into an array", () => {
  expect(here('BPF_SNPRIN$0TF(out, sizeof(out), "%d", a);')?.at(-1)).toBe(
    "bpf_snprintf(out, sizeof(out), fmt, param, sizeof(param));",
  );
  expect(here('BPF_SEQ_PRIN$0TF(seq, "%d", a);')?.at(-1)).toBe(
    "bpf_seq_printf(seq, fmt, sizeof(fmt), param, sizeof(param));",
  );
  expect(here('bpf_stream_prin$0tk(1, "%d", a);')?.at(-1)).toBe("bpf_stream_vprintk(1, fmt, param, sizeof(param));");
});

test("loops go over an iterator of the kernel's", () => {
  expect(here("bpf_f$0or(i, 0, n + 1) { }")).toEqual([
    "struct bpf_iter_num it;",
    "bpf_iter_num_new(&it, 0, n + 1);",
    "while ((t = bpf_iter_num_next(&it)) && (i = *t, i >= 0 && i < (n + 1))) { … }",
    "bpf_iter_num_destroy(&it); // also behind a break or return",
  ]);
  expect(here("bpf_rep$0eat(10) { }")?.[1]).toBe("bpf_iter_num_new(&it, 0, 10);");
  expect(here("bpf_for_ea$0ch(task, pos, NULL, 0) { }")?.slice(0, 3)).toEqual([
    "struct bpf_iter_task it;",
    "bpf_iter_task_new(&it, NULL, 0);",
    "while ((pos = bpf_iter_task_next(&it))) { … }",
  ]);
  expect(here("bpf_f$0or(i, 0) { }")).toBeUndefined();
  expect(shown("bpf_for_ea$0ch(task, pos, NULL, 0) { }")).toContain("since Linux 6.7");
  expect(shown("bpf_for_ea$0ch(mine, pos) { }")).toContain("`bpf_iter_mine_new`");
  expect(shown("bpf_f$0or(i, 0, n) { }", "6.1")).toMatch(
    /^⚠️ \*\*Not on 6\.1\*\*: first in 6\.4 \(it uses `bpf_iter_num_new`/,
  );
});

test("a register has a name in each architecture", () => {
  expect(here("PT_REGS_PARM$01(ctx);")).toEqual([
    "ctx->di // x86-64",
    "((const struct user_pt_regs *)ctx)->regs[0] // arm64",
  ]);
  expect(shown("PT_REGS_PARM$01(ctx);")).toContain("**Without `vmlinux.h`:** x86-64 calls it `rdi`");
  expect(hoverAt(`#include "vmlinux.h"\n${inside("PT_REGS_PARM$01(ctx);")}`)).not.toContain("`rdi`\n");
  expect(shown("PT_REGS_PARM$01(ctx);")).toContain("riscv `a0`");
  expect(here("PT_REGS_PARM4_CORE_SYSC$0ALL(regs);")?.[0]).toBe("BPF_CORE_READ(regs, r10) // x86-64");
  expect(here("PT_REGS_PARM1_CORE_SYSC$0ALL(regs);")?.[1]).toBe(
    "BPF_CORE_READ((const struct pt_regs___arm64 *)regs, orig_x0) // arm64",
  );
  expect(here("PT_REGS_PARM$07(ctx);")?.[0]).toBe("// x86-64: does not compile, no register has it");
  expect(here("PT_REGS_R$0C(ctx);")?.[0]).toBe("ctx->ax // x86-64");
});
