import { expect, test } from "vitest";
import { helperNotOnTarget } from "../../server/src/analysis/rules/helper-not-on-target.ts";
import { checkFix, checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const inProgram = (code: string, section = "kprobe/x") => `SEC("${section}")\nint f(void *ctx) { ${code} return 0; }\n`;

test("names the targets and the first release", () => {
  checkRule(
    helperNotOnTarget,
    `
SEC("kprobe/x")
int f(void *ctx) { return bpf_loop(1, 0, 0, 0); }
//                        ^^^^^^^^ bpf_loop() is not on 5.4, 5.15: first in 5.17
`,
    { target: "5.4, 5.15, 6.1" },
  );
});

test("silent without targets, on newer ones, and where nobody knows what was brought back", () => {
  const source = inProgram("bpf_loop(1, 0, 0, 0);");
  checkNoFindings(helperNotOnTarget, source);
  checkNoFindings(helperNotOnTarget, source, { target: "5.17" });
  checkNoFindings(helperNotOnTarget, source, { target: "ubuntu-20.04" });
  checkNoFindings(helperNotOnTarget, inProgram("bpf_ringbuf_query(0, 0);"), { target: "rhel-8.6" });
  expect(findingsIn(source, [helperNotOnTarget], { target: "rhel-8.6" })).toHaveLength(1);
});

test("silent behind whatever may be a guard", () => {
  for (const code of [
    "if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop)) bpf_loop(1, 0, 0, 0);",
    "if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop)) return 0; bpf_loop(1, 0, 0, 0);",
    "if (LINUX_KERNEL_VERSION >= KERNEL_VERSION(5, 17, 0)) bpf_loop(1, 0, 0, 0);",
    "if (has_loop) bpf_loop(1, 0, 0, 0);",
    "has_loop ? bpf_loop(1, 0, 0, 0) : 0;",
    "if (USE_LOOP) bpf_loop(1, 0, 0, 0);",
    "\n#ifdef USE_LOOP\nbpf_loop(1, 0, 0, 0);\n#endif\n",
  ])
    checkNoFindings(helperNotOnTarget, `const volatile int has_loop;\n${inProgram(code)}`, { target: "5.4" });
});

test("a function that only runs behind a guard, or never, is silent", () => {
  const fn = "static int g(int on) { return bpf_loop(1, 0, 0, 0); }\n";
  checkNoFindings(helperNotOnTarget, `${fn}${inProgram("")}`, { target: "5.4" });
  checkNoFindings(helperNotOnTarget, `const volatile int on;\n${fn}${inProgram("if (on) g(1);")}`, { target: "5.4" });
  expect(findingsIn(`${fn}${inProgram("g(1);")}`, [helperNotOnTarget], { target: "5.4" })).toHaveLength(1);
  const chosen = "static int g(int on) { if (on) bpf_loop(1, 0, 0, 0); return 0; }\n";
  checkNoFindings(helperNotOnTarget, `${chosen}${inProgram("g(0);")}`, { target: "5.4" });
});

test("what the loader rewrites is no finding with it", () => {
  const source = inProgram("bpf_probe_read_kernel(ctx, 4, ctx);");
  checkNoFindings(helperNotOnTarget, source, { target: "5.4" });
  checkNoFindings(helperNotOnTarget, source, { target: "5.4", loader: "cilium/ebpf" });
  checkFix(helperNotOnTarget, source, inProgram("bpf_probe_read(ctx, 4, ctx);"), { target: "5.4", loader: "bcc" });
  checkNoFindings(helperNotOnTarget, inProgram("BPF_CORE_READ(p, pid);"), { target: "5.4" });
});

test("a macro is named with what it calls", () => {
  const told = findingsIn(inProgram('BPF_SNPRINTF(b, 4, "x");'), [helperNotOnTarget], { target: "5.4" });
  expect(told.map(({ message }) => message)).toEqual([
    "bpf_snprintf() (by BPF_SNPRINTF()) is not on 5.4: first in 5.13",
  ]);
});

test("where the kernel has no such programs the helper is not the matter", () => {
  checkNoFindings(helperNotOnTarget, inProgram("bpf_loop(1, 0, 0, 0);", "fentry/x"), { target: "5.4" });
  checkNoFindings(helperNotOnTarget, inProgram("bpf_loop(1, 0, 0, 0);", "kprobe.multi/x"), { target: "5.4" });
  expect(findingsIn(inProgram("bpf_loop(1, 0, 0, 0);", "xdp"), [helperNotOnTarget], { target: "5.4" })).toHaveLength(1);
});

test("only a remark in programs that are loaded when asked for, and in a file without any", () => {
  const severity = (source: string) =>
    findingsIn(source, [helperNotOnTarget], { target: "5.4" }).map((finding) => finding.severity);
  expect(severity(inProgram("bpf_loop(1, 0, 0, 0);"))).toEqual(["error"]);
  expect(severity(inProgram("bpf_loop(1, 0, 0, 0);", "?kprobe/x"))).toEqual(["info"]);
  expect(severity("static inline int g(void) { return bpf_loop(1, 0, 0, 0); }")).toEqual(["info"]);
});

test("milder where another program stands at the same place and does without", () => {
  const severity = (source: string) =>
    findingsIn(source, [helperNotOnTarget], { target: "5.10" }).map((finding) => finding.severity);
  const other = (section: string) => `SEC("${section}")\nint g(void *ctx) { return 0; }\n`;
  expect(severity(inProgram("bpf_loop(1, 0, 0, 0);", "raw_tp/x") + other("raw_tp/x"))).toEqual(["info"]);
  expect(severity(inProgram("bpf_loop(1, 0, 0, 0);", "xdp") + other("xdp"))).toEqual(["warning"]);
  expect(severity(inProgram("bpf_loop(1, 0, 0, 0);", "raw_tp/x") + other("raw_tp/y"))).toEqual(["error"]);
});

test("a guard is offered only where the call is a statement", () => {
  const titles = (code: string) =>
    findingsIn(`SEC("kprobe/x")\nint f(void *ctx)\n{\n${code}\n}`, [helperNotOnTarget], { target: "5.4" }).flatMap(
      ({ fixes }) => (fixes ?? []).map(({ title }) => title),
    );
  expect(titles("\tbpf_loop(1, 0, 0, 0);")).toHaveLength(1);
  expect(titles("\tint n = 0;\n\t// first\n\tbpf_loop(1, 0, 0, 0);")).toHaveLength(1);
  expect(titles("\tif (ctx)\n\t\tbpf_loop(1, 0, 0, 0);")).toEqual([]);
  expect(titles("\treturn bpf_loop(1, 0, 0, 0);")).toEqual([]);
  expect(titles("\tlong n =\n\t\tbpf_loop(1, 0, 0, 0);")).toEqual([]);
});

test("the guard brings its header", () => {
  checkFix(
    helperNotOnTarget,
    '#include "vmlinux.h"\nSEC("kprobe/x")\nint f(void *ctx)\n{\n\tbpf_loop(1, 0, 0, 0);\n}',
    '#include "vmlinux.h"\n#include <bpf/bpf_core_read.h>\nSEC("kprobe/x")\nint f(void *ctx)\n{\n\tif (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop))\n\t\tbpf_loop(1, 0, 0, 0);\n}',
    { target: "5.4" },
  );
});

test("a function of the file's own is left alone", () => {
  checkNoFindings(helperNotOnTarget, `static int bpf_loop(int n) { return n; }\n${inProgram("bpf_loop(1);")}`, {
    target: "5.4",
  });
});
