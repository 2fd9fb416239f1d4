import { expect, test } from "vitest";
import { sizeWithoutBtf } from "../../server/src/analysis/rules/size-without-btf.ts";
import { checkFix, checkNoFindings, findingsIn } from "../support/check.ts";

const map = (type: string, members: string) =>
  `struct { __uint(type, BPF_MAP_TYPE_${type}); ${members} } m SEC(".maps");`;

test("both are changed together", () => {
  checkFix(
    sizeWithoutBtf,
    map("ARRAY", "__uint(key_size, sizeof(u32)); __uint(value_size, sizeof(struct x));"),
    map("ARRAY", "__type(key, u32); __type(value, struct x);"),
  );
});

test("one alone would be left out again", () => {
  checkNoFindings(sizeWithoutBtf, map("ARRAY", "__uint(key_size, sizeof(u32)); __uint(value_size, 4096);"));
});

test("numbers, variables and types without BTF are left alone", () => {
  checkNoFindings(sizeWithoutBtf, map("HASH", "__type(key, int); __uint(value_size, 8);"));
  checkNoFindings(sizeWithoutBtf, map("HASH", "__type(key, int); __uint(value_size, sizeof(some_global));"));
  checkNoFindings(sizeWithoutBtf, map("HASH", "__type(key, int); __uint(value_size, sizeof(u64) * 4);"));
  checkNoFindings(
    sizeWithoutBtf,
    map("PERF_EVENT_ARRAY", "__uint(key_size, sizeof(u32)); __uint(value_size, sizeof(u32));"),
  );
  checkNoFindings(sizeWithoutBtf, map("STACK_TRACE", "__uint(key_size, sizeof(u32)); __type(value, u64[127]);"));
});

test("a storage needs both types, whatever is said of sizes", () => {
  const [finding] = findingsIn(map("SK_STORAGE", "__type(key, int); __uint(value_size, 8);"), [sizeWithoutBtf]);
  expect([finding?.severity, finding?.message]).toEqual([
    "error",
    "SK_STORAGE maps need the type of their value, __type(value, …): the kernel refuses the map",
  ]);
});
