import { expect, test } from "vitest";
import { hoverAt } from "../support/check.ts";

const licence = (text: string) => `char LICENSE[] SEC("license") = "${text}";\n`;
const kprobe = (body: string) => `SEC("kprobe/x") int f(struct pt_regs *ctx) { ${body} return 0; }\n`;

test("a licence is compatible or not, in every form of its definition", () => {
  const forms = [
    'char LICENSE[] SEC("license") = "$0Dual BSD/GPL";',
    'char _license[] SEC("license") = "Dual BSD$0/GPL";',
    'SEC("license") const char l[] = "Dual BSD/GPL$0";',
    'const char l[] __attribute__((section("license"), used)) = "Dual $0BSD/GPL";',
    'char l[] __section("license") = "Dual $0BSD/GPL";',
    '#define LICENSE(x) char l[] SEC("license") = x\nLICENSE("Dual$0 BSD/GPL");',
  ];
  for (const form of forms) {
    const text = hoverAt(form);
    expect(text, form).toContain('```c\n"Dual BSD/GPL"\n```');
    expect(text, form).toContain("licence of the file's programs · GPL-compatible");
  }
});

test("one that the kernel does not take shows the nearest that means the same, when there is one", () => {
  const wrong = hoverAt(licence("GPL$0v2"));
  expect(wrong).toContain("· not GPL-compatible");
  expect(wrong).toContain('**Write:** `"GPL v2"`');
  expect(wrong).toContain('`"GPL and additional rights"`');
  expect(hoverAt(licence("LGPL$0-2.1"))).not.toContain("**Write:**");
});

test("it names what in the file needs a compatible one, with the macros behind it", () => {
  const calls = 'bpf_printk("x"); BPF_CORE_READ(t, pid); bpf_task_from_pid(1); bpf_get_smp_processor_id();';
  const text = hoverAt(`${kprobe(calls)}${licence("G$0PL")}`);
  expect(text).toContain(
    "**GPL only:** helpers `bpf_probe_read_kernel` (by `BPF_CORE_READ`), `bpf_trace_printk` (by `bpf_printk`); kfunc `bpf_task_from_pid`",
  );
  expect(text).not.toContain("bpf_get_smp_processor_id");
  expect(text).not.toContain("⚠️");
  expect(hoverAt(`${kprobe(calls)}${licence("MI$0T")}`)).toMatch(/^⚠️ \*\*Not GPL-compatible\*\*/);
  expect(hoverAt(`${kprobe("")}${licence("MI$0T")}`)).toContain("no helper and no kfunc that this file calls");
});

test("a helper counts where the programs that run it ask for the licence", () => {
  const source = (section: string) =>
    `SEC("${section}") int f(void *c) { return bpf_get_stackid(c, &m, 0); }\n${licence("G$0PL")}`;
  expect(hoverAt(source("kprobe/x"))).toContain("**GPL only:** helper `bpf_get_stackid`");
  expect(hoverAt(source("perf_event"))).toContain("**GPL only:** no helper");
});

test("a helper of the file's own by that name needs none", () => {
  const own = "static long bpf_probe_read_kernel(int n) { return n; }\n";
  expect(hoverAt(`${own}${kprobe("bpf_probe_read_kernel(1);")}${licence("G$0PL")}`)).toContain(
    "no helper and no kfunc",
  );
});

test("a program's type may ask for it by itself, and what it reads", () => {
  const source = `SEC("lsm/file_open") int BPF_PROG(guard, struct file *f) { return 0; }
SEC("struct_ops/init") int BPF_PROG(begin) { return 0; }
SEC("fentry/x") int BPF_PROG(watch, struct file *f) { return 0; }
${licence("G$0PL")}`;
  expect(hoverAt(source)).toContain("**GPL only:** programs `guard`, `begin`, by type");
  expect(hoverAt(source)).toContain("**Perhaps GPL only:** `watch`, where a field of a kernel structure");
});

test("what a macro calls in some cases only is said so", () => {
  const source = `SEC("ksyscall/x") int BPF_KSYSCALL(f, int a) { return 0; }
${kprobe("PT_REGS_PARM1_CORE(ctx);")}
${kprobe("int ip; BPF_KPROBE_READ_RET_IP(ip, ctx);").replace(" f(", " g(")}`;
  const text = hoverAt(`${source.replace("PT_REGS_PARM1_CORE(ctx);", "")}${licence("G$0PL")}`);
  expect(text).toContain("`bpf_probe_read_kernel`, which `BPF_KPROBE_READ_RET_IP` calls where");
  expect(hoverAt(`${source}${licence("G$0PL")}`)).not.toContain("Perhaps");
});

test("nothing is said of a licence that is half typed, or put together elsewhere", () => {
  expect(hoverAt('char l[] SEC("license") = "GP$0L;')).toBeUndefined();
  expect(hoverAt('char l[] SEC("license") = "G$0P')).toBeUndefined();
  expect(hoverAt('char l[] SEC("license") = "Dual $0" "BSD/GPL";')).toBeUndefined();
  expect(hoverAt('char l[] SEC("license") = "Dual $0" BSD_GPL;')).toBeUndefined();
  expect(hoverAt(`// ${licence("G$0PL")}`)).toBeUndefined();
  expect(hoverAt(`char other[] = "G$0PL";`)).toBeUndefined();
});

test("its section says the same, and what counts where there is no licence yet", () => {
  const text = hoverAt('char l[] SEC("lice$0nse") = "GPL";');
  expect(text).toContain('SEC("license")');
  expect(text).toContain('**Licence:** `"GPL"`');
  for (const source of ['char l[] SEC("lice$0nse");', 'char l[] SEC("lice$0nse") = ', 'char l[] SEC("lice$0nse")']) {
    expect(hoverAt(source), source).toContain("data: the licence of the file's programs");
    expect(hoverAt(source), source).toContain("**GPL-compatible:**");
  }
});

test("sections of data say what becomes of them", () => {
  const at = (name: string, target?: string) =>
    hoverAt(`int x SEC("$0${name}") = 1;`, target === undefined ? {} : { target });
  expect(at("version")).toContain("**Kernels before 5.0:**");
  expect(at(".maps")).toContain("one map for each variable");
  expect(at(".rodata")).toContain("`BPF_F_RDONLY_PROG`");
  expect(at(".rodata")).not.toContain("one of its own");
  expect(at(".rodata.config")).toContain("**Map:** one of its own; libbpf makes it since 0.6");
  expect(at(".data.hits")).toContain("since 0.6");
  expect(at(".bss.hits")).toContain("since 1.1");
  expect(at(".bss", "5.1")).toContain("⚠️ **Not on 5.1**: first in 5.2");
  expect(at(".kconfig")).toContain("`/proc/config.gz`");
  expect(at(".ksyms")).toContain("`/proc/kallsyms`");
  expect(at(".struct_ops")).toContain("a map for each variable");
  expect(at(".struct_ops.link", "6.1")).toContain("⚠️ **Not on 6.1**: first in 6.4");
  expect(at("?.struct_ops")).toContain("**Leading ?:**");
  expect(at(".init")).toContain("libbpf makes no map of it");
});

test("a section in a comment or a string is none", () => {
  expect(hoverAt('/* SEC("lice$0nse") */')).toBeUndefined();
  expect(hoverAt('// char l[] SEC("lice$0nse") = "GPL";')).toBeUndefined();
  expect(hoverAt('char *s = "SEC(\\"lice$0nse\\")";')).toBeUndefined();
});
