import { expect, test } from "vitest";
import { unsupportedMapField } from "../../server/src/analysis/rules/unsupported-map-field.ts";
import { checkNoFindings, findingsIn } from "../support/check.ts";

const file = (type: string, field: string) =>
  `struct v { long n; ${field} };\nstruct { __uint(type, BPF_MAP_TYPE_${type}); __type(key, int); __type(value, struct v); } m SEC(".maps");`;
const messages = (source: string) => findingsIn(source, [unsupportedMapField]).map(({ message }) => message);

test("what cannot be held", () => {
  expect(messages(file("PERCPU_ARRAY", "struct bpf_spin_lock lock;"))).toEqual([
    "values of PERCPU_ARRAY maps cannot hold a struct bpf_spin_lock: the kernel refuses programs that use it",
  ]);
  expect(messages(file("PERCPU_HASH", "struct bpf_timer timer;"))).toHaveLength(1);
  expect(messages(file("TASK_STORAGE", "struct bpf_wq work;"))).toEqual([
    "values of TASK_STORAGE maps cannot hold a struct bpf_wq: the kernel refuses the map",
  ]);
  expect(messages(file("LPM_TRIE", "struct bpf_spin_lock lock;"))).toHaveLength(1);
});

test("what can, and what is not known", () => {
  checkNoFindings(unsupportedMapField, file("HASH", "struct bpf_spin_lock lock;"));
  checkNoFindings(unsupportedMapField, file("LRU_HASH", "struct bpf_timer timer;"));
  checkNoFindings(unsupportedMapField, file("CGRP_STORAGE", "struct bpf_spin_lock lock;"));
  checkNoFindings(unsupportedMapField, file("PERCPU_ARRAY", "struct other lock;"));
  checkNoFindings(unsupportedMapField, file("PERCPU_ARRAY", "struct bpf_spin_lock *lock;"));
  checkNoFindings(unsupportedMapField, file("RINGBUF", "struct bpf_spin_lock lock;"));
});
