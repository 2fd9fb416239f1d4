import { expect, test } from "vitest";
import { hoverAt, kb } from "../support/check.ts";

test("a helper shows its prototype, its release, our note and where to read on", () => {
  const text = hoverAt("int f(void *c) { return bpf_map_$0lookup_elem(&m, &k); }");
  expect(text).toContain("void *bpf_map_lookup_elem(void *map, const void *key)");
  expect(text).toContain("since Linux 3.19");
  expect(text).toContain("**Watch out:**");
  expect(text).toContain("https://docs.ebpf.io/linux/helper-function/bpf_map_lookup_elem/");
});

test("a helper that is rarely used shows its prototype as well", () => {
  expect(hoverAt("int f(void *c) { return bpf_sk_$0assign(c, s, 0); }")).toContain("long bpf_sk_assign(");
});

test("a helper shows which flags it takes in this program", () => {
  const inside = (section: string, call: string) => hoverAt(`SEC("${section}") int f(void *c) { return ${call}; }`);
  expect(inside("xdp", "bpf_ringbuf_$0output(&m, p, 8, 0)")).toContain(
    "- **Flags:** `BPF_RB_NO_WAKEUP`, `BPF_RB_FORCE_WAKEUP`; with any other it returns -EINVAL",
  );
  expect(inside("tc", "bpf_redi$0rect(1, 0)")).toContain("**Flags:** `BPF_F_INGRESS`; with any other it drops");
  expect(inside("xdp", "bpf_redi$0rect(1, 0)")).toContain("**Flags:** none; with any other it returns XDP_ABORTED");
  expect(hoverAt("int f(void) { return bpf_redi$0rect(1, 0); }")).toContain("packet; in XDP programs none; with any");
  expect(inside("tp/a/b", "bpf_perf_event_$0output(c, &m, 0, p, 8)")).toContain("`BPF_F_CURRENT_CPU`; the number of a");
  expect(inside("xdp", "bpf_timer_i$0nit(t, &m, 0)")).toContain("**Flags:** one of `CLOCK_MONOTONIC`, ");
  expect(inside("xdp", "bpf_ringbuf_$0submit(p, 0)")).toContain("`BPF_RB_FORCE_WAKEUP`; others are ignored");
  expect(inside("xdp", "bpf_ktime_$0get_ns()")).not.toContain("Flags");
});

test("the verdict for the targets comes first", () => {
  const source = "int f(void) { return bpf_lo$0op(1, g, 0, 0); }";
  expect(hoverAt(source, { target: "5.10, 6.1, 5.4" })).toMatch(/^⚠️ \*\*Not on 5\.10, 5\.4\*\*: first in 5\.17/);
  expect(hoverAt(source, { target: "6.1" })).not.toContain("Not on");
  expect(hoverAt(source)).not.toContain("Not on");
});

test("there is none in comments, strings and blanks, or on other words", () => {
  for (const source of ["// bpf_lo$0op", 'char *s = "bpf_lo$0op";', "int f() { $0 }", "int ma$0in;", "$0"]) {
    expect(hoverAt(source)).toBeUndefined();
  }
});

test("there is one where a macro is defined", () => {
  expect(hoverAt("#define NOW() bpf_ktime_get$0_ns()")).toContain("bpf_ktime_get_ns(void)");
});

test("a function of the file's own by that name is no helper", () => {
  expect(hoverAt("static int bpf_loop(int a) { return a; }\nint f(void) { return bpf_lo$0op(1); }")).toBeUndefined();
});

test("a macro of the file's own by that name is no helper", () => {
  expect(hoverAt("#define bpf_loop(n) n\nint f(void) { return bpf_lo$0op(1); }")).toBeUndefined();
});

test("a helper says what holds in this very program, and for a subprogram in those that call it", () => {
  const source = (section: string) => `SEC("${section}") int f(void *c) { return bpf_redirect_ma$0p(&m, 0, 0); }`;
  expect(hoverAt(source("xdp"))).toContain("**Here (XDP, BPF_XDP):** since Linux 4.14");
  expect(hoverAt(source("kprobe/x"))).toContain("**Here (KPROBE):** **never allowed**");
  expect(hoverAt(source("kprobe/x"), { target: "6.1" })).toMatch(
    /^⚠️ \*\*Not on 6\.1\*\*: no kernel lets KPROBE programs/,
  );
  const sub = 'static int g(void) { return bpf_get_stack$0id(c, &m, 0); }\nSEC("xdp") int a(void *c) { return g(); }';
  expect(hoverAt(sub)).toContain("**Here (XDP, BPF_XDP):** **never allowed**");
  expect(hoverAt(`${sub}\nSEC("kprobe/x") int b(void *c) { return g(); }`)).toMatch(
    /Here \(XDP.*\n.*Here \(KPROBE\):\*\* since.*GPL only/,
  );
});

test("a replacement may do what the program it replaces may", () => {
  const source = 'SEC("freplace/x") int f(void *c) { return bpf_redirect_ma$0p(&m, 0, 0); }';
  expect(hoverAt(source, { target: "6.1" })).toContain("**Here (EXT):** what the replaced program may");
  expect(hoverAt(source, { target: "6.1" })).not.toContain("Not on");
});

test("a distribution is named with its kernel", () => {
  const source = "int f(void) { return bpf_lo$0op(1, g, 0, 0); }";
  expect(hoverAt(source, { target: "rhel-8.6" })).toMatch(/^⚠️ \*\*Not on rhel-8\.6 \(4\.18\)\*\*: first in 5\.17/);
  expect(hoverAt(source, { target: "rhel-9.2" })).not.toContain("Not on");
  expect(hoverAt(source, { target: "ubuntu-20.04" })).toContain("**Perhaps not on ubuntu-20.04 (5.4)**");
});

test("a kfunc shows its declaration, flags and programs", () => {
  const text = hoverAt("extern void x(void);\nint f(void) { struct task_struct *t = bpf_task_from_p$0id(1); }");
  expect(text).toContain("extern struct task_struct *bpf_task_from_pid(s32 pid) __ksym;");
  expect(text).toContain("kfunc · since Linux 6.2");
  expect(text).toContain("may return `NULL` · takes a reference");
});

test("a section says program, target, context and return values; a wrong one what to write", () => {
  const at = (name: string, rest = "int f(void *c) { return 0; }") => hoverAt(`SEC("${name}") ${rest}`);
  expect(at("fe$0ntry.s/foo")).toContain(
    "`BPF_PROG_TYPE_TRACING` · `BPF_TRACE_FENTRY` · since Linux 5.5 · libbpf 0.2 · may sleep",
  );
  expect(at("fe$0ntry.s/foo")).toContain("**Returns:** 0");
  expect(at("kprobe/do ex$0it")).toContain("**This target:**");
  expect(at("kpr$0obe")).toContain("**Without it:**");
  expect(at("xdp$0")).toContain("**Context:** `struct xdp_md *`");
  expect(at("xdp_f$0oo")).toContain('**Write:** `SEC("xdp")`');
  expect(at(".ma$0ps", "int x;")).toContain("map definitions");
  expect(hoverAt('SEC("lsm/file_o$0pen") int f(void *c) { return 0; }', { target: "5.4" })).toContain(
    "**Not on 5.4**: first in 5.7",
  );
});

const MAP = `struct { __uint(type, BPF_MAP_TYPE_PERCPU_HASH); __uint(max_entries, 1000); __type(key, int); __type(value, long); } counts SEC(".maps");
`;

test("a map of the file shows what it holds and how much memory that is", () => {
  const text = hoverAt(`${MAP}int f(void *c) { return bpf_map_lookup_elem(&cou$0nts, c); }`);
  expect(text).toContain("counts: PERCPU_HASH");
  expect(text).toContain("**Key:** `int`, 4 bytes");
  expect(text).toContain("**Memory:** about 7.8 KiB on each CPU and 7.8 KiB for keys");
});

test("sections, and what programs in them may do, are told as the loader reads them", () => {
  const section = (name: string, loader?: string) =>
    hoverAt(`SEC("${name}$0") int f(void *c) { return 0; }`, { loader });
  expect(section("xdp_pass")).toContain("no section that libbpf knows");
  expect(section("xdp_pass", "cilium/ebpf")).toContain("`BPF_PROG_TYPE_XDP` · `BPF_XDP` · as cilium/ebpf reads it");
  expect(section("mine", "cilium/ebpf")).toContain("no section that cilium/ebpf gives a program type");
  expect(section("tc", "aya")).toContain("no section that aya gives a program type");
  expect(section("tc", "libbpfgo")).toContain("BPF_PROG_TYPE_SCHED_CLS");
  const call = 'SEC("xdp_pass") int f(void *c) { return bpf_redi$0rect(1, 0); }';
  expect(hoverAt(call, { loader: "cilium/ebpf" })).toContain("Here (XDP");
  expect(hoverAt(call)).not.toContain("Here");
  const licence = 'SEC("lsm_mine") int f(void *c) { return 0; }\nchar l[] SEC("license") = "M$0IT";';
  expect(hoverAt(licence, { loader: "libbpf" })).not.toContain("by type");
});

test("a program, a map type, a flag, a macro and a context structure", () => {
  expect(hoverAt('SEC("xdp") int fi$0lter(struct xdp_md *c) { return 2; }')).toContain(
    "program of this file · `BPF_PROG_TYPE_XDP`",
  );
  expect(hoverAt(MAP.replace("PERCPU_HASH", "PERCPU$0_HASH"))).toContain("map type · since Linux 4.6");
  expect(hoverAt("int x = BPF_MAP_TYPE_LPM_TR$0IE;")).toMatch(
    /\*\*Key:\*\* 5 to 260 bytes\n.*\n.*at least 1\n.*Required flags:\*\* `BPF_F_NO_PREALLOC`/,
  );
  expect(hoverAt("int x = BPF_MAP_TYPE_RING$0BUF;")).toContain("a power of two, and whole pages");
  expect(hoverAt("int x = BPF_F_NO_PRE$0ALLOC;")).toContain("flag · since Linux 4.6");
  expect(hoverAt("int f(void *p) { return BPF_CORE_RE$0AD(p, x); }")).toContain("#include <bpf/bpf_core_read.h>");
  expect(hoverAt("int f(struct xdp$0_md *p) { return 0; }")).toContain("context of `XDP`");
});

test("a context field says who may read and write it, also through another field", () => {
  const at = (section: string, expression: string) =>
    hoverAt(`SEC("${section}") int f(struct __sk_buff *skb) { return ${expression}; }`);
  expect(at("tc", "skb->ma$0rk")).toContain("**Here (SCHED_CLS):** read and written");
  expect(at("socket", "skb->tc_cla$0ssid")).toContain("**Here (SOCKET_FILTER):** **may not be touched**");
  expect(at("tc", "skb->da$0ta_end")).toContain("holds a packet end");
  expect(at("tc", "skb->sk->fam$0ily")).toContain("field of `struct bpf_sock`");
  expect(at("tc", "other->ma$0rk")).toBeUndefined();
});

test("everything in the base has a card with words, a release or a reason, and no card is of the wrong kind", () => {
  const {
    helpers,
    kfuncs,
    macros,
    mapTypes,
    programTypes,
    attachTypes,
    linkTypes,
    commands,
    flags,
    contexts,
    sections,
  } = kb.facts;
  const kinds: readonly (readonly [RegExp, readonly { readonly name: string }[]])[] = [
    [/BPF helper #\d+ · since Linux/, helpers],
    [/\nkfunc · (since Linux|in no release)/, kfuncs],
    [/\nlibbpf · /, macros],
    [/\nmap type · (since Linux|in no release)/, mapTypes],
    [/\nprogram type · since Linux/, programTypes],
    [/\nattach type · (since Linux|in no release)/, attachTypes],
    [/\nlink type · (since Linux|in no release)/, linkTypes],
    [/\ncommand of bpf\(\) · (since Linux|in no release)/, commands],
    [/\nflag · (since Linux|in no release)/, flags],
    [/\ncontext of `/, contexts],
  ];
  const own = new Set(["NULL"]);
  for (const [pattern, facts] of kinds)
    for (const { name } of facts) if (!own.has(name)) expect(hoverAt(`int x = $0${name};`), name).toMatch(pattern);
  for (const { name } of sections)
    expect(hoverAt(`SEC("$0${name.replace("+", "/x")}") int f(void *c) { return 0; }`), name).toContain(
      "`BPF_PROG_TYPE_",
    );
});
