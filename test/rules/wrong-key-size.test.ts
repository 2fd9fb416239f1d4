import { expect, test } from "vitest";
import { wrongKeySize } from "../../server/src/analysis/rules/wrong-key-size.ts";
import { checkFix, checkNoFindings, findingsIn, type Options } from "../support/check.ts";

const map = (type: string, members: string) =>
  `struct { __uint(type, BPF_MAP_TYPE_${type}); ${members} } m SEC(".maps");`;
const messages = (source: string, options: Options = {}) =>
  findingsIn(source, [wrongKeySize], options).map(({ message }) => message);

test("what each type wants", () => {
  expect(messages(map("LPM_TRIE", "__uint(key_size, 4);"))).toEqual([
    "keys of LPM_TRIE maps have 5 to 260 bytes, not 4 bytes: the kernel refuses the map",
  ]);
  expect(messages(map("CGROUP_STORAGE", "__type(key, __u32);"))).toEqual([
    "keys of CGROUP_STORAGE maps have 8 or 16 bytes, not 4 bytes: the kernel refuses the map",
  ]);
  expect(messages(map("RINGBUF", "__type(key, int);"))).toEqual([
    "RINGBUF maps have no key: the kernel refuses the map",
  ]);
});

test("an inner map is made as any other", () => {
  const inner =
    "__array(values, struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, __u64); __type(value, int); });";
  expect(messages(map("HASH_OF_MAPS", `__type(key, __u64); ${inner}`))).toHaveLength(1);
});

test("what is right, or not known, is left alone", () => {
  checkNoFindings(wrongKeySize, map("ARRAY", "__type(key, u32);"));
  checkNoFindings(wrongKeySize, map("ARRAY", "__uint(key_size, sizeof(int));"));
  checkNoFindings(wrongKeySize, map("ARRAY", "__type(key, index_t);"));
  checkNoFindings(wrongKeySize, map("ARRAY", "__type(key, struct elsewhere);"));
  checkNoFindings(wrongKeySize, map("ARRAY", "__uint(key_size, KEY_SIZE);"));
  checkNoFindings(wrongKeySize, map("ARRAY", "__type(key, );"));
  checkNoFindings(wrongKeySize, map("QUEUE", "__uint(key_size, 0);"));
  checkNoFindings(wrongKeySize, map("NEW_KIND", "__type(key, __u64);"));
  checkNoFindings(wrongKeySize, map("RINGBUF", "__uint(max_entries, 4096);"));
  checkNoFindings(
    wrongKeySize,
    'struct {\n#ifdef A\n__uint(type, BPF_MAP_TYPE_ARRAY);\n#else\n__uint(type, BPF_MAP_TYPE_HASH);\n#endif\n__type(key, __u64);\n} m SEC(".maps");',
  );
});

test("a key that is missing", () => {
  checkFix(
    wrongKeySize,
    map("ARRAY", "__type(value, int); __uint(max_entries, 1);"),
    map("ARRAY", "__type(value, int); __uint(max_entries, 1); __type(key, __u32);"),
  );
  expect(messages(map("HASH", "__type(value, int); __uint(max_entries, 1);"))).toEqual([
    "map m has no key: HASH maps need one of at least 1 byte",
  ]);
  // All of it may come from user space, or from a macro.
  checkNoFindings(wrongKeySize, map("HASH", ""));
  checkNoFindings(wrongKeySize, map("HASH", "KEY_AND_VALUE; __uint(max_entries, 1);"));
  const perf = map("PERF_EVENT_ARRAY", "__uint(value_size, 4);");
  expect(messages(perf)).toHaveLength(1);
  checkNoFindings(wrongKeySize, perf, { loader: "cilium/ebpf" });
  checkNoFindings(wrongKeySize, `//go:build ignore\n${perf}`);
});

test("limits that fell are those of old targets", () => {
  const source = `struct path { char name[1024]; };\n${map("HASH", "__type(key, struct path); __type(value, int);")}`;
  checkNoFindings(wrongKeySize, source);
  checkNoFindings(wrongKeySize, source, { target: "5.11" });
  checkNoFindings(wrongKeySize, source, { target: "rhel-8.6" });
  expect(messages(source, { target: "6.1, 5.4, 4.19" })).toEqual([
    "a key of 1024 bytes is refused on 5.4, 4.19: keys of HASH maps have at most 512 bytes there",
  ]);
});

test("eBPF for Windows has rules of its own", () => {
  checkNoFindings(wrongKeySize, `#include "ebpf_nethooks.h"\n${map("ARRAY", "__type(key, __u64);")}`);
});
