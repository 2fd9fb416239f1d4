import { expect, test } from "vitest";
import { kfuncNotOnTarget } from "../../server/src/analysis/rules/kfunc-not-on-target.ts";
import { checkNoFindings, findingsIn } from "../support/check.ts";

const DECLARED = "extern void bpf_rcu_read_lock(void) __ksym;\n";
const WEAK = "extern void bpf_rcu_read_lock(void) __ksym __weak;\n";
const inProgram = (code: string, section = "tc") =>
  `SEC("${section}")\nint f(void *ctx)\n{\n\t${code}\n\treturn 0;\n}\n`;
const told = (source: string, target = "6.1") =>
  findingsIn(source, [kfuncNotOnTarget], { target }).map(({ severity, message }) => `${severity}: ${message}`);

test("names the targets and the first release", () => {
  expect(told(DECLARED + inProgram("bpf_rcu_read_lock();"))).toEqual([
    "error: bpf_rcu_read_lock() is not on 6.1: first in 6.2",
  ]);
  expect(told(DECLARED + inProgram("bpf_rcu_read_lock();"), "6.2")).toEqual([]);
});

test("one that is gone", () => {
  expect(told(`extern int bpf_cpumask_any(void *m) __ksym;\n${inProgram("bpf_cpumask_any(ctx);")}`, "6.12")).toEqual([
    expect.stringMatching(/^error: bpf_cpumask_any\(\) is not on 6\.12: /),
  ]);
});

test("the loops of libbpf need kfuncs, once each", () => {
  expect(told(inProgram("int i;\n\tbpf_for(i, 0, 9) ctx++;"))).toEqual([
    "error: bpf_iter_num_new() (by bpf_for()) is not on 6.1: first in 6.4",
  ]);
});

test("silent where the program asks", () => {
  for (const code of [
    "if (bpf_ksym_exists(bpf_rcu_read_lock)) bpf_rcu_read_lock();",
    "if (bpf_rcu_read_lock) bpf_rcu_read_lock();",
    "if (!bpf_ksym_exists(bpf_rcu_read_lock)) return 0; bpf_rcu_read_lock();",
  ])
    checkNoFindings(kfuncNotOnTarget, WEAK + inProgram(code), { target: "6.1" });
});

test("silent about functions of the file's own, and names that nobody declares", () => {
  checkNoFindings(kfuncNotOnTarget, `static void bpf_rcu_read_lock(void) {}\n${inProgram("bpf_rcu_read_lock();")}`, {
    target: "6.1",
  });
  checkNoFindings(kfuncNotOnTarget, `#include "own.h"\n${inProgram("bpf_rcu_read_lock();")}`, { target: "6.1" });
});

test("programs that the kernel has no operations for are another matter", () => {
  const ops = 'SEC(".struct_ops.link")\nstruct sched_ext_ops ops = { .init = (void *)f };\n';
  checkNoFindings(kfuncNotOnTarget, DECLARED + inProgram("bpf_rcu_read_lock();", "struct_ops/init") + ops, {
    target: "6.1",
  });
});

test("a declaration that is weak already stays as it is; one of a header that is not cannot be helped", () => {
  const fix = (source: string) =>
    findingsIn(source, [kfuncNotOnTarget], { target: "6.1" })[0]?.fixes?.[0]?.edits.length;
  expect(fix(WEAK + inProgram("bpf_rcu_read_lock();"))).toBe(1);
  expect(fix(DECLARED + inProgram("bpf_rcu_read_lock();"))).toBe(2);
  expect(fix(DECLARED + inProgram("if (ctx) bpf_rcu_read_lock();"))).toBeUndefined();
});
