import { expect, test } from "vitest";
import { wrongMaxEntries } from "../../server/src/analysis/rules/wrong-max-entries.ts";
import { checkNoFindings, findingsIn, type Options } from "../support/check.ts";

const map = (type: string, members = "") =>
  `struct { __uint(type, BPF_MAP_TYPE_${type}); __type(key, int); __type(value, int); ${members} } m SEC(".maps");`;
const found = (source: string, options: Options = {}) =>
  findingsIn(source, [wrongMaxEntries], options).map(({ message, severity }) => `${severity}: ${message}`);

test("none at all is known from user space, perhaps", () => {
  expect(found(map("HASH"))).toEqual([
    "info: map m has no max_entries: the kernel refuses the map unless user space sets it",
  ]);
  expect(found(map("HASH", "__uint(max_entries, 0);"))).toEqual([
    "info: map m has a max_entries of 0: the kernel refuses the map unless user space sets it",
  ]);
  expect(found('struct { __uint(type, BPF_MAP_TYPE_STACK_TRACE); __type(key, u32); } m SEC(".maps");')).toEqual([
    "hint: map m has no max_entries: the kernel refuses the map unless user space sets it",
  ]);
});

test("a comment may say where it comes from", () => {
  checkNoFindings(wrongMaxEntries, `/* max_entries is set before loading */\n${map("HASH")}`);
  checkNoFindings(wrongMaxEntries, `// Sized in user space.\n${map("HASH")}`);
  expect(found(`int max_entries; /* other */\n\n${map("HASH")}`)).toHaveLength(1);
});

test("what loaders fill in", () => {
  checkNoFindings(wrongMaxEntries, map("PERF_EVENT_ARRAY"));
  checkNoFindings(wrongMaxEntries, map("PERF_EVENT_ARRAY", "__uint(max_entries, 0);"));
  expect(found(map("CPUMAP"))).toHaveLength(1);
  checkNoFindings(wrongMaxEntries, map("CPUMAP"), { loader: "cilium/ebpf" });
});

test("what is right, or not known, is left alone", () => {
  checkNoFindings(wrongMaxEntries, map("HASH", "__uint(max_entries, MAX);"));
  checkNoFindings(wrongMaxEntries, map("HASH", "SIZED(8);"));
  checkNoFindings(wrongMaxEntries, map("TASK_STORAGE"));
  checkNoFindings(wrongMaxEntries, map("TASK_STORAGE", "__uint(max_entries, 0);"));
});

test("an arena has an upper limit", () => {
  expect(found('struct { __uint(type, BPF_MAP_TYPE_ARENA); __uint(max_entries, 1 << 21); } m SEC(".maps");')).toEqual([
    "error: ARENA maps take at most 1048576 entries, not 2097152: the kernel refuses the map",
  ]);
});

test("a name that is nearly right is the matter of unknown-map-attribute", () => {
  checkNoFindings(
    wrongMaxEntries,
    'struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entry, 1); __type(key, int); __type(value, int); } m SEC(".maps");',
  );
});
