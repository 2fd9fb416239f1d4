import { expect, test } from "vitest";
import { misalignedAtomic } from "../../server/src/analysis/rules/misaligned-atomic.ts";
import { findingsIn } from "../support/check.ts";

const told = (body: string, packed = "__attribute__((packed))") =>
  findingsIn(
    `struct slots { char head; __u32 few; __u64 many; __u64 at[2]; } ${packed};
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, __u32); __type(value, struct slots); } table SEC(".maps");
SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct slots *slots = bpf_map_lookup_elem(&table, &key);
	if (!slots)
		return 1;
	${body}
	return 2;
}`,
    [misalignedAtomic],
  ).map(({ message }) => message);

test("members of packed structures", () => {
  expect(told("__sync_fetch_and_add(&slots->many, 1);")).toEqual([
    "__sync_fetch_and_add() on 8 bytes at offset 5, no multiple of 8: the verifier refuses the program",
  ]);
  expect(told("__sync_fetch_and_add((__u32 *)&slots->few, 1);")).toHaveLength(1);
  expect(told("__sync_fetch_and_add(&slots->at[1], 1);")).toHaveLength(1);
});

test("silent where it is aligned, and for what is not atomic", () => {
  expect(told("__sync_fetch_and_add(&slots->many, 1);", "")).toEqual([]);
  expect(told("slots->many++; __builtin_memcpy(&slots->many, &key, 4);")).toEqual([]);
  expect(told("__u64 own = slots->many; __sync_fetch_and_add(&own, 1);")).toEqual([]);
});
