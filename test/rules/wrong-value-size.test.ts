import { expect, test } from "vitest";
import { wrongValueSize } from "../../server/src/analysis/rules/wrong-value-size.ts";
import { checkNoFindings, findingsIn, type Options } from "../support/check.ts";

const map = (type: string, members: string) =>
  `struct { __uint(type, BPF_MAP_TYPE_${type}); __type(key, int); __uint(max_entries, 1); ${members} } m SEC(".maps");`;
const found = (source: string, options: Options = {}) =>
  findingsIn(source, [wrongValueSize], options).map(({ message, severity }) => `${severity}: ${message}`);

test("what each type wants", () => {
  expect(found(map("STACK_TRACE", "__uint(value_size, 100);"))).toEqual([
    "error: values of STACK_TRACE maps have a multiple of 8 bytes, not 100 bytes: the kernel refuses the map",
  ]);
  expect(found(map("PERCPU_HASH", "__uint(value_size, 32769);"))).toEqual([
    "error: values of PERCPU_HASH maps have at most 32768 bytes, not 32769 bytes: the kernel refuses the map",
  ]);
  expect(found(map("XSKMAP", "__type(value, __u64);"))).toEqual([
    "error: values of XSKMAP maps have 4 bytes, not 8 bytes: the kernel refuses the map",
  ]);
});

test("what is right, or not known, is left alone", () => {
  checkNoFindings(wrongValueSize, map("STACK_TRACE", "__uint(value_size, PERF_MAX_STACK_DEPTH * sizeof(u64));"));
  checkNoFindings(wrongValueSize, map("STACK_TRACE", "__type(value, u64[127]);"));
  checkNoFindings(wrongValueSize, map("STACK_TRACE", "__type(value, stack_t);"));
  checkNoFindings(wrongValueSize, map("ARRAY", "__type(value, struct elsewhere);"));
  checkNoFindings(wrongValueSize, map("PROG_ARRAY", "__array(values, int (void *));"));
});

test("cilium/ebpf leaves out the type of what is sent", () => {
  const source = `struct event { int pid; char comm[16]; };\n${map("PERF_EVENT_ARRAY", "__type(value, struct event);")}`;
  expect(found(source)).toEqual([
    "warning: values of PERF_EVENT_ARRAY maps have 4 bytes, not 20 bytes: the kernel refuses the map",
  ]);
  checkNoFindings(wrongValueSize, source, { loader: "cilium/ebpf" });
  checkNoFindings(wrongValueSize, `//go:build ignore\n${source}`);
});

test("a value that is missing may come from user space", () => {
  expect(found(map("STACK_TRACE", ""))).toEqual([
    "info: map m has no value: STACK_TRACE maps need one of a multiple of 8 bytes, here or from user space",
  ]);
  checkNoFindings(
    wrongValueSize,
    'struct { __uint(type, BPF_MAP_TYPE_STACK_TRACE); __type(key, u32); } m SEC(".maps");',
  );
});

test("values of 8 bytes came later to some", () => {
  const source = map("DEVMAP", "__type(value, struct bpf_devmap_val);");
  checkNoFindings(wrongValueSize, source);
  checkNoFindings(wrongValueSize, source, { target: "5.8" });
  expect(found(source, { target: "5.4" })).toEqual([
    "warning: a value of 8 bytes is refused on 5.4: values of DEVMAP maps have 4 bytes there",
  ]);
});
