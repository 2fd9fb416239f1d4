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
  // Nothing else lies in their map.
  expect(told("counts[at & 31] = 1;")).toEqual([
    "error: the index may be 31, and there are 16 elements: the verifier refuses the program",
  ]);
  expect(told("char *p = (char *)slots; p[at] = 1;")).toEqual([
    "error: nothing bounds at, and there are 68 elements: the verifier refuses the program",
  ]);
});

test("an array that a function is given is a pointer", () => {
  const source = `static int last(const char text[], int at) { return text[at]; }
SEC("tc")
int f(struct __sk_buff *skb)
{
	char text[8] = {};
	return last(text, skb->mark & 7) + last(text, skb->priority);
}
`;
  expect(findingsIn(source, [unboundedIndex]).map(({ message }) => message)).toEqual([
    "at may be negative, and there are 8 elements on the stack: the verifier refuses the program",
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
    'asm volatile("%0 &= 15" : "+r"(at)); counts[at]++;',
    "int i = 0; while (i < at) { counts[i]++; i++; if (i == 16) break; }",
    "if (skb->mark && at > 15) return 0; counts[at]++;",
  ])
    silent(code);
});

test("variables of the file beside others", () => {
  const beside = (globals: string, code: string) =>
    findingsIn(
      `${globals}\nSEC("tc")\nint f(struct __sk_buff *skb)\n{\n\t__u32 at = skb->priority;\n\t${code}\n\treturn 0;\n}\n`,
      [unboundedIndex],
    ).map(({ severity, message }) => `${severity}: ${message}`);
  expect(beside("char a[16]; char b[64];", "a[at & 31] = 1;")).toEqual([
    "hint: the index may be 31, and there are 16 elements before the next variable",
  ]);
  expect(beside("char a[16]; char b[64];", "a[at & 255] = 1;")).toHaveLength(1);
  expect(beside("char a[16]; char b[64];", "a[at & 255] = 1;")[0]).toMatch(/^error/);
});

test("numbers that kfuncs give, arrays whose initialiser says how long they are, counters of the file", () => {
  const text = (body: string) =>
    findingsIn(
      `extern int bpf_strstr(const char *a, const char *b) __ksym;
static const char table[] = { 1, 2, 3, 4 };
int turns = 1;
char name[6] = "String";
SEC("tc")
int f(struct __sk_buff *skb)
{
	char text[128] = {};
	${body}
}
`,
      [unboundedIndex],
    ).map(({ message }) => message);
  expect(text('return text[bpf_strstr(text, "GET")];')).toHaveLength(1);
  expect(text("return table[skb->priority];")).toEqual([
    "nothing bounds skb->priority, and there are 4 elements: the verifier refuses the program",
  ]);
  expect(text("turns++; if (turns <= sizeof(name)) return name[turns]; return 0;")).toEqual([
    "turns may be 6, and there are 6 elements: the verifier refuses the program",
  ]);
  expect(text("turns++; if (turns < sizeof(name)) return name[turns]; return 0;")).toEqual([]);
});

test("a test that clang leaves out reads nothing", () => {
  const read = (declared: string, behind = "") =>
    told(
      `__u32 *found${declared};\n\tif (slots->of[at]) {\n\t\tfound = &slots->of[at];\n\t}${behind}\n\tif (found == 0)\n\t\treturn 1;`,
    );
  // Without a value it may as well have the one that it gets.
  expect(read("")).toEqual([]);
  expect(read(" = 0")).toHaveLength(1);
  expect(read("", " else {\n\t\treturn 2;\n\t}")).toHaveLength(1);
});
