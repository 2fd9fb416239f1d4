import { expect, test } from "vitest";
import { missingLicence } from "../../server/src/analysis/rules/missing-licence.ts";
import { checkFix, checkNoFindings, checkRule, findingsIn, type Options } from "../support/check.ts";

const INCLUDES = '#include "vmlinux.h"\n#include <bpf/bpf_helpers.h>\n';
const PLAIN = 'SEC("xdp")\nint f(struct xdp_md *ctx) { return XDP_PASS; }\n';

function told(source: string, options?: Options): readonly string[] {
  return findingsIn(source, [missingLicence], options).map(({ severity, message }) => `${severity}: ${message}`);
}

test("what needs no licence is a remark", () => {
  expect(told(INCLUDES + PLAIN)).toEqual([
    'info: this file has no SEC("license"): the kernel takes its programs for proprietary',
  ]);
});

test("what is GPL only makes it an error: helpers, macros that call them, kfuncs, whole program types", () => {
  const refused = (what: string) => [`error: this file has no SEC("license"): the kernel refuses ${what}`];
  const program = (section: string, body: string) =>
    `${INCLUDES}SEC("${section}")\nint f(void *ctx) { ${body} return 0; }\n`;
  expect(told(program("kprobe/x", "bpf_trace_printk(0, 0);"))).toEqual(refused("bpf_trace_printk()"));
  expect(told(program("kprobe/x", 'bpf_printk("x");'))).toEqual(refused("bpf_trace_printk() (by bpf_printk())"));
  expect(told(program("kprobe/x", "BPF_CORE_READ(p, pid);"))).toEqual(
    refused("bpf_probe_read_kernel() (by BPF_CORE_READ())"),
  );
  expect(told(program("lsm/bpf", ""))).toEqual(refused("lsm programs"));
  expect(
    told(
      `${INCLUDES}extern void bpf_rcu_read_lock(void) __ksym;\nSEC("tc")\nint f(void *c) { bpf_rcu_read_lock(); return 0; }`,
    ),
  ).toEqual(refused("bpf_rcu_read_lock()"));
});

test("what is GPL only on a target is named with it", () => {
  const source = `${INCLUDES}SEC("xdp")\nint f(void *ctx) { return bpf_ktime_get_ns() & 1; }\n`;
  expect(told(source)[0]).toMatch(/^info/);
  expect(told(source, { target: "5.4, 6.1" })).toEqual([
    'error: this file has no SEC("license"): the kernel refuses bpf_ktime_get_ns() on 5.4',
  ]);
});

test("what only runs behind a question, or is never called, is not looked at", () => {
  const guarded = `${INCLUDES}const volatile int debug;\nSEC("xdp")\nint f(void *ctx) { if (debug) bpf_printk("x"); return 0; }\n`;
  expect(told(guarded)[0]).toMatch(/^info/);
  expect(told(`${INCLUDES}static void g(void) { bpf_printk("x"); }\n${PLAIN}`)[0]).toMatch(/^info/);
});

test("the line is added at the end", () => {
  checkFix(missingLicence, `${INCLUDES}${PLAIN}`, `${INCLUDES}${PLAIN}\nchar LICENSE[] SEC("license") = "GPL";\n`);
});

test("silent where the licence may come from elsewhere", () => {
  for (const source of [
    `${INCLUDES}${PLAIN}char _license[] SEC("license") = "GPL";`,
    `${INCLUDES}${PLAIN}char _license[] SEC("license") = MY_LICENCE;`,
    `${INCLUDES}${PLAIN}char _license[] __attribute__((section("license"), used)) = "MIT";`,
    `${INCLUDES}#define LICENCE char l[] SEC("license") = "GPL"\n${PLAIN}LICENCE;`,
    `${INCLUDES}${PLAIN}BPF_LICENSE("GPL");`,
    `${INCLUDES}#include "unknown.h"\n${PLAIN}`,
    // A header, a fragment, a part of an object that is linked.
    `#ifndef X_H\n#define X_H\n${INCLUDES}${PLAIN}#endif`,
    `#pragma once\n${INCLUDES}${PLAIN}`,
    PLAIN,
    `${INCLUDES}__hidden int g(void) { return 0; }\n${PLAIN}`,
    `${INCLUDES}int g(void);\nSEC("xdp")\nint f(void *ctx) { return g(); }`,
    // No programs.
    `${INCLUDES}int g(void) { return 0; }`,
    `${INCLUDES}SEC(".maps") int m;`,
  ])
    checkNoFindings(missingLicence, source);
});

test("aya and bcc put one in", () => {
  for (const loader of ["aya", "bcc"]) checkNoFindings(missingLicence, INCLUDES + PLAIN, { loader });
});

test("the line is written as the file writes its sections", () => {
  const program = `${INCLUDES}__section("xdp")\nint f(struct xdp_md *ctx) { return XDP_PASS; }\n`;
  checkFix(missingLicence, program, `${program}\nchar LICENSE[] __section("license") = "GPL";\n`);
});

test("a licence in a section that is called nearly so", () => {
  checkRule(
    missingLicence,
    `
${INCLUDES}${PLAIN}char LICENSE[] SEC("licence") = "GPL";
//                  ^^^^^^^ the section is "license", not "licence": the kernel takes its programs for proprietary
`,
  );
  const program = (section: string) => `${INCLUDES}${PLAIN}char LICENSE[] SEC("${section}") = "GPL";`;
  for (const name of ["licence", "licens", "License", ".license"])
    checkFix(missingLicence, program(name), program("license"));
  checkNoFindings(missingLicence, program("version"));
  checkNoFindings(missingLicence, program(".data"));
});

test("a licence in no section", () => {
  const program = (mark: string) => `${INCLUDES}${PLAIN}const char _license[]${mark} = "Dual BSD/GPL";`;
  checkFix(missingLicence, program(""), program(' SEC("license")'));
  checkNoFindings(missingLicence, program(" IN_LICENSE"));
  checkNoFindings(missingLicence, program("").replace("Dual BSD/GPL", "%s is the licence"));
  checkNoFindings(missingLicence, `${program("")}char _l[] SEC("license") = _license;`);
});

test("what the verifier knows by its type is read under the GPL alone", () => {
  const program = (body: string, head = 'SEC("fentry/f")\nint BPF_PROG(f, struct sockaddr *to, int n)') =>
    `${INCLUDES}#include <bpf/bpf_tracing.h>\n${head}\n{\n  ${body}\n  return 0;\n}\n`;
  expect(told(program("count = to->sa_family;"))).toEqual([
    'error: this file has no SEC("license"): the kernel refuses reading struct sockaddr since 6.2',
  ]);
  const remark = ['info: this file has no SEC("license"): the kernel takes its programs for proprietary'];
  expect(told(program("count = sizeof(to->sa_family);"))).toEqual(remark);
  expect(told(program("use(&to->sa_family);"))).toEqual(remark);
  expect(told(program("other->to->sa_family;"))).toEqual(remark);
  expect(told(program("to->x;", 'SEC("xdp")\nint f(struct xdp_md *to)'))).toEqual(remark);
});
