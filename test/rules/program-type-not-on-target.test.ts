import { expect, test } from "vitest";
import { programTypeNotOnTarget } from "../../server/src/analysis/rules/program-type-not-on-target.ts";
import { findingsIn, type Options } from "../support/check.ts";

const program = (section: string, name = "f", body = "") =>
  `SEC("${section}")\nint ${name}(void *ctx) { ${body} return 0; }\n`;
const told = (source: string, target: string, options?: Options) =>
  findingsIn(source, [programTypeNotOnTarget], { ...options, target }).map(
    ({ severity, message }) => `${severity}: ${message}`,
  );

test("program types", () => {
  expect(told(program("fentry/x"), "5.4, 5.10")).toEqual(["error: fentry programs are not on 5.4: first in 5.5"]);
  expect(told(program("lsm/bpf"), "5.4")).toEqual(["error: lsm programs are not on 5.4: first in 5.7"]);
  expect(told(program("xdp"), "4.9")).toEqual([]);
});

test("attach types: what the kernel refuses to load, and what it only cannot attach", () => {
  expect(told(program("iter/task"), "5.5")).toEqual(["error: iter programs are not on 5.5: first in 5.8"]);
  expect(told(program("cgroup/getpeername4"), "5.4")).toEqual([
    "error: cgroup/getpeername4 programs are not on 5.4: first in 5.8",
  ]);
  expect(told(program("tcx/ingress"), "6.1")).toEqual([
    "warning: tcx/ingress programs cannot be attached on 6.1: first in 6.6",
  ]);
  expect(told(program("uprobe.multi//bin/sh:x*"), "6.1")).toEqual([
    "warning: uprobe.multi programs cannot be attached on 6.1: first in 6.6",
  ]);
});

test("what is flagged: sleepable programs, XDP in several buffers", () => {
  expect(told(program("fentry.s/x"), "5.9")).toEqual(["error: fentry.s programs are not on 5.9: first in 5.10"]);
  expect(told(program("xdp.frags"), "5.15")).toEqual(["error: xdp.frags programs are not on 5.15: first in 5.18"]);
});

test("operations that came later than struct_ops", () => {
  const ops = 'SEC(".struct_ops.link")\nstruct sched_ext_ops ops = { .init = (void *)f };\n';
  expect(told(program("struct_ops/init") + ops, "6.6")).toEqual([expect.stringContaining("on 6.6: first in 6.12")]);
  expect(told(program("struct_ops/init") + ops, "6.12")).toEqual([]);
  // A module may bring any.
  expect(told(program("struct_ops/init") + ops.replace("sched_ext_ops", "my_ops"), "6.6")).toEqual([]);
});

test("names that came later for what was there before", () => {
  for (const section of ["xdp", "sk_reuseport", "sk_skb/verdict", "tc/ingress", "tc", "socket", "perf_event"])
    expect(told(program(section), "4.19")).toEqual([]);
});

test("where user space chooses it is a remark, where it may choose a warning", () => {
  expect(told(program("?fentry/x"), "5.4")[0]).toMatch(/^info/);
  expect(told(program("fentry"), "5.4")[0]).toMatch(/^info/);
  expect(told(program("fentry/dummy_fentry"), "5.4")[0]).toMatch(/^info/);
  expect(told(program("fentry/x") + program("kprobe/x", "g"), "5.4")).toEqual([expect.stringMatching(/^info/)]);
  const shared = "static int h(void) { return 0; }\n";
  expect(told(shared + program("fentry/x", "f", "h();") + program("kprobe/y", "g", "h();"), "5.4")).toEqual([
    expect.stringMatching(/^warning/),
  ]);
});

test("silent about sections that mean nothing here, and what is not always compiled", () => {
  expect(told(program("my_own"), "4.9")).toEqual([]);
  expect(told(program("fentry/x"), "ubuntu-18.04")).toEqual([]);
  expect(told(`#ifdef NEW\n${program("fentry/x")}#endif\n`, "5.4")).toEqual([]);
});

test("a pattern has no simpler form", () => {
  const fixes = (section: string) =>
    findingsIn(program(section), [programTypeNotOnTarget], { target: "5.15" }).flatMap(({ fixes }) => fixes ?? []);
  expect(fixes("kprobe.multi/x")).toHaveLength(1);
  expect(fixes("kprobe.multi/x*")).toEqual([]);
  expect(fixes("tcx/egress").map(({ title }) => title)).toEqual([expect.stringContaining('"tc"')]);
});
