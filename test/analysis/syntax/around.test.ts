import { expect, test } from "vitest";
import { type Reading, readAround } from "../../../server/src/analysis/syntax/around.ts";
import type { Define } from "../../../server/src/analysis/syntax/macros.ts";
import { randomBelow } from "../../support/random.ts";
import { edited, shown } from "../../support/reading.ts";

const TEXT = `#include "vmlinux.h"
#define noinline __attribute__((noinline))
#define OWN 8
// What is counted.
struct count { u64 n; int bits :3; };

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, LIMIT); __type(key, u32); __type(value, struct count); } counts SEC(".maps");
const volatile int wanted = LIMIT; int plain;
static noinline statfunc int twice(int x) { return x * 2; } /* two */ static int other(void);

SEC("kprobe/vfs_read") __weak
// It reads.
int BPF_KPROBE(entered, struct file *file)
{
	u32 key = 0; /* zero */
	u64 *value = look_up(&counts, &key);

	REQUIRE
	if (value)
		*value += twice(sizeof(struct file));
	LOOP (int i = 0; i < 4; i++) { key += i; }
	return 0;
}

extern int bpf_made_up(struct task_struct *task) __ksym;
#ifdef LATER
int later;
#endif
SEC("tc") int last(struct __sk_buff *skb)
{
	asm volatile("r0 = 0" ::: "r0");
	return bpf_ntohs(skb->protocol) == LIMIT ? 0 : 2;
}
char LICENSE[] SEC("license") = "GPL";
`;

/** What headers may say of the words of the text, and of others. */
const MEANINGS: readonly (readonly [name: string, body: string, params?: readonly string[]])[] = [
  ["LIMIT", "1"],
  ["LIMIT", ""],
  ["LIMIT", "static"],
  ["statfunc", "static __always_inline"],
  ["statfunc", ""],
  ["statfunc", "inline_of_ours"],
  ["inline_of_ours", "inline"],
  ["look_up", "bpf_map_lookup_elem(map, key)", ["map", "key"]],
  ["look_up", "SEC(map)", ["map"]],
  ["look_up", '__attribute__((section("x")))', ["x"]],
  ["REQUIRE", "if (!value) return 0;"],
  ["REQUIRE", "value"],
  ["LOOP", "for"],
  ["twice", "{ SEC(x) }", ["x"]],
  ["count", "__attribute__((packed))"],
  ["elsewhere", "1"],
  ["SEC", '__attribute__((section("of/" name)))', ["name"]],
];

type Random = (below: number) => number;

function headers(random: Random): ReadonlyMap<string, Define> {
  const found = new Map<string, Define>();
  for (let i = random(4); i > 0; i--) {
    const [name, body, params] = MEANINGS[random(MEANINGS.length - (random(4) === 0 ? 0 : 1))] ?? ["x", ""];
    found.set(name, { name, body, params });
  }
  return found;
}

const PIECES = [
  "// x\n",
  "/* x */",
  "\n",
  " ",
  "\t\n",
  "#define LIMIT 3\n",
  "#define TOLD\n",
  "#undef OWN\n",
  '#include "x.h"\n',
];
const OTHERS = ["int y;\n", "x", "}", "/*", '"', "//", "\\\n", "#if 0\n", 'SEC("xdp")', "MAKE(made)\n"];

/** Mostly where a line begins, as where a line is made a comment, or a new one is typed. */
function editOf(text: string, random: Random): string {
  const lines = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const at = random(3) === 0 ? random(text.length + 1) : (lines[random(lines.length)] ?? 0);
  const pieces = random(8) === 0 ? OTHERS : PIECES;
  const end = text.indexOf("\n", at);
  const removed = random(6) === 0 && /^(?:\/\/|#|$)/.test(text.slice(at, end)) ? end - at : 0;
  return edited(text, at, removed, random(5) === 0 ? "//" : (pieces[random(pieces.length)] ?? ""));
}

function expectSame(now: Reading, fresh: Reading, text: string): void {
  expect(shown(now), text).toEqual(shown(fresh));
  for (const name of ["OWN", "LIMIT", "look_up", "elsewhere"])
    expect(now.lowered.macros.defines.get(name), name).toEqual(fresh.lowered.macros.defines.get(name));
}

test("whatever headers say, and wherever comments and lines of the preprocessor come and go", () => {
  const random = randomBelow(23);
  let text = TEXT;
  let known = headers(random);
  let before = readAround(text, known, undefined);
  const taken = { headers: 0, edits: 0 };
  for (let i = 0; i < 4000; i++) {
    const isEdit = random(2) === 0;
    if (isEdit) text = editOf(text, random);
    if (!isEdit || random(4) === 0) known = headers(random);
    const next = readAround(text, known, before);
    expectSame(next, readAround(text, known, undefined), text);
    if (next.sameWords) taken[isEdit ? "edits" : "headers"]++;
    before = next;
    if (i % 6 === 5) {
      text = TEXT;
      before = readAround(text, known, undefined);
    }
  }
  expect(taken.headers).toBeGreaterThan(400);
  expect(taken.edits).toBeGreaterThan(250);
});

const NONE: ReadonlyMap<string, Define> = new Map();

function isTakenOver(text: string, known: ReadonlyMap<string, Define>, source = TEXT): boolean {
  return readAround(text, known, readAround(source, NONE, undefined)).sameWords;
}

test("what is taken over, and what is not", () => {
  const meaning = (name: string, body: string, params?: readonly string[]) => new Map([[name, { name, body, params }]]);
  expect(isTakenOver(TEXT, NONE)).toBe(true);
  expect(isTakenOver(TEXT, meaning("LIMIT", "1"))).toBe(true);
  expect(isTakenOver(TEXT, meaning("LIMIT", "static"))).toBe(false);
  expect(isTakenOver(TEXT, meaning("look_up", "bpf_map_lookup_elem(a, b)", ["a", "b"]))).toBe(true);
  expect(isTakenOver(TEXT, meaning("REQUIRE", "return 0;"))).toBe(false);
  // A section is named in another way.
  expect(isTakenOver(TEXT, meaning("SEC", '__attribute__((section("x/" name)))', ["name"]))).toBe(false);
  // What it makes may be anything.
  expect(isTakenOver(`${TEXT}MAKE(x)\n`, NONE, `${TEXT}MAKE(x)\n`)).toBe(false);
  const without = (line: string): string => TEXT.replace(line, `//${line}`);
  expect(isTakenOver(without('#include "vmlinux.h"'), NONE)).toBe(true);
  expect(isTakenOver(without("#define OWN 8"), NONE)).toBe(true);
  expect(isTakenOver(without("#define noinline"), NONE)).toBe(false);
  expect(isTakenOver(without("extern int bpf_made_up"), NONE)).toBe(false);
  expect(isTakenOver(TEXT.replace("// It reads.", ""), NONE)).toBe(false);
  // In a broken file what begins a line begins a declaration.
  const broken = "struct x { int a; }\nint y;\nint f(int a { return a; }\n";
  expect(isTakenOver(broken.replace("int y", "// x\nint y"), NONE, broken)).toBe(true);
  expect(isTakenOver(broken.replace("int y", "/* x */ int y"), NONE, broken)).toBe(false);
});
