import { expect, test } from "vitest";
import { unboundedIndex } from "../../server/src/analysis/rules/unbounded-index.ts";
import { checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const program = (code: string) => `struct slots {
	__u32 first;
	__u32 of[16];
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct slots);
} table SEC(".maps");
int counts[16];

SEC("tc")
int f(struct __sk_buff *skb)
{
	char text[8] = {};
	__u32 key = 0, at = skb->priority;
	struct slots *slots = bpf_map_lookup_elem(&table, &key);

	if (!slots)
		return 0;
	${code}
	return 0;
}
`;
const told = (code: string) =>
  findingsIn(program(code), [unboundedIndex]).map(({ severity, message }) => `${severity}: ${message}`);
const silent = (code: string) => checkNoFindings(unboundedIndex, program(code));

test("marks the index", () => {
  checkRule(
    unboundedIndex,
    `
int counts[16];
SEC("tc")
int f(struct __sk_buff *skb)
{
	return counts[skb->priority];
//             ^^^^^^^^^^^^^ nothing bounds skb->priority, and there are 16 elements: the verifier refuses the program
}
`,
  );
});

test("in map values, on the stack, in variables of the file", () => {
  expect(told("slots->of[at]++;")).toEqual([
    "error: nothing bounds at, and there are 17 elements: the verifier refuses the program",
  ]);
  expect(told("text[at] = 1;")).toEqual([
    "error: nothing bounds at, and there are 8 elements on the stack: the verifier refuses the program",
  ]);
  expect(told("text[at & 15] = 1;")).toEqual([
    "warning: the index may be 15, and there are 8 elements on the stack: the verifier refuses the program",
  ]);
  expect(told("counts[at & 31] = 1;")).toEqual([
    "hint: the index may be 31, and there are 16 elements before the next variable",
  ]);
  expect(told("char *p = (char *)slots; p[at] = 1;")).toEqual([
    "error: nothing bounds at, and there are 68 elements: the verifier refuses the program",
  ]);
});

test("negative ones", () => {
  expect(told("int slot = at; if (slot > 15) return 0; slots->of[slot]++;")).toEqual([
    "error: slot may be negative, and there are 17 elements: the verifier refuses the program",
  ]);
  silent("int slot = at; if (slot < 0 || slot > 15) return 0; slots->of[slot]++;");
});

test("silent once something bounds it", () => {
  for (const code of [
    "if (at >= 16) return 0; slots->of[at]++; counts[at]++;",
    "at &= 15; slots->of[at]++;",
    "text[at & 7] = 1;",
    "if (at < 16) slots->of[at]++;",
    "for (int i = 0; i < 16; i++) slots->of[i]++;",
    "for (int i = 0; i < 16 && i < at; i++) counts[i]++;",
    "int i; bpf_for(i, 0, 16) counts[i]++;",
    // The element before the array is another field of the same value.
    "if (at > 15) return 0; (&slots->first)[at]++;",
  ])
    silent(code);
});

test("silent where it is only an address, and where clang or the verifier may know more", () => {
  for (const code of [
    "int *p = &counts[at]; if (p == 0) return 1;",
    "if (at > key) return 0; counts[at]++;",
    'asm volatile("" : "+r"(at)); counts[at]++;',
    "int i = 0; while (i < at) { counts[i]++; i++; if (i == 16) break; }",
    "if (skb->mark && at > 15) return 0; counts[at]++;",
  ])
    silent(code);
});
