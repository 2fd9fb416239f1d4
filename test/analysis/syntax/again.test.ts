import { expect, test } from "vitest";
import { readAgain } from "../../../server/src/analysis/syntax/again.ts";
import type { Reading } from "../../../server/src/analysis/syntax/around.ts";
import { lower } from "../../../server/src/analysis/syntax/dialect.ts";
import { outlineOf } from "../../../server/src/analysis/syntax/outline.ts";
import { randomBelow } from "../../support/random.ts";
import { edited, shown } from "../../support/reading.ts";

const TEXT = `#include "vmlinux.h"
#define noinline __attribute__((noinline))
#define MAKE(name) SEC("xdp") int name(struct xdp_md *ctx) { return 0; }

/* A map. */
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, u32); __type(value, u64); } counts SEC(".maps");
static noinline int twice(int x) { return x * 2; } // two
MAKE(made)

SEC("kprobe/vfs_read") __weak
int BPF_KPROBE(entered, struct file *file)
{
	u32 key = 0; /* zero */
	u64 *value = bpf_map_lookup_elem(&counts, &key);

	if (value)
		*value += twice(sizeof(struct file));
	for (int i = 0; i < 4; i++) { key += i; }
	return 0;
}

extern int bpf_made_up(struct task_struct *task) __ksym;
#ifdef LATER
int later;
#endif
SEC("tc")
int last(struct __sk_buff *skb)
{
	asm volatile("r0 = 0" ::: "r0");
	return bpf_ntohs(skb->protocol) == 1 ? 0 : 2;
}
char LICENSE[] SEC("license") = "GPL", *other = "x";
`;

function read(source: string): Reading {
  const lowered = lower(source);
  return { lowered, outline: outlineOf(lowered) };
}

test("an edit within a body is read as the whole text would be", () => {
  const before = read(TEXT);
  const at = (text: string): number => TEXT.indexOf(text);
  for (const [place, removed, added] of [
    [at("u32 key"), 0, "int typed;\n\t"],
    [at("&counts"), 7, ""],
    [at("if (value)"), 10, "if (!value)\n\t\treturn 1;\n\tif (1)"],
    [at("return x"), 0, 'bpf_printk("x");'],
    [at("skb->protocol"), 0, "("] as const,
    [at("skb->protocol"), 3, "bpf_made_up(0), skb"],
    [at('"r0 = 0"'), 8, '"r1 = 1"'],
  ] as const) {
    const now = edited(TEXT, place, removed, added);
    const again = readAgain(now, before);
    // One bracket too many may be anything.
    if (added === "(") expect(again).toBeUndefined();
    else expect(shown(again as Reading)).toEqual(shown(read(now)));
  }
});

test("what may matter beyond a body is read as a whole", () => {
  const before = read(TEXT);
  const refused = (at: string, added: string, removed = 0): void => {
    const now = edited(TEXT, TEXT.indexOf(at), removed, added);
    expect(readAgain(now, before), added).toBeUndefined();
  };
  refused("u32 key", "/* ");
  refused("u32 key", "*/");
  refused("u32 key", "}");
  refused("u32 key", "{");
  refused("u32 key", "\n#define X\n");
  refused("u64 *value", "\\\n");
  refused('SEC("tc")', "int x;\n");
  refused("int later", "long ");
  refused("struct xdp_md", "const ");
  refused("int last", "static ");
  refused("BPF_KPROBE", "BPF_PROG", 10);
  // Nothing has changed.
  expect(readAgain(TEXT, before)).toBeUndefined();
});

test("whatever is typed, one key after the other", () => {
  const random = randomBelow(11);
  const pieces = [
    ..."ab1 _;,(){}[]\"'/*#\\<>&.-=\n",
    "if (x) ",
    'SEC("tc")',
    "return 0;",
    "f(a, b);",
    "{ }",
    "/* x */",
    "int y = 0;",
  ];
  let text = TEXT;
  let before = read(text);
  let again = 0;
  for (let i = 0; i < 3000; i++) {
    const at = random(text.length);
    const removed = random(3) === 0 ? random(4) : 0;
    text = edited(text, at, removed, random(5) === 0 ? "" : (pieces[random(pieces.length)] ?? ""));
    const fresh = read(text);
    const next = readAgain(text, before);
    if (next !== undefined) {
      again++;
      expect(shown(next)).toEqual(shown(fresh));
    }
    before = next ?? fresh;
    // What is broken is mended before long, as by somebody who works on it.
    if (i % 4 === 3) {
      text = TEXT;
      before = read(text);
    }
  }
  expect(again).toBeGreaterThan(300);
});

test("whatever word becomes longer, shorter or another", () => {
  const random = randomBelow(5);
  const before = read(TEXT);
  const words = [...TEXT.matchAll(/[A-Za-z_]\w*/g)];
  const pieces = [
    "x",
    "0",
    "_",
    "if",
    "else",
    "noinline",
    "MAKE",
    "SEC",
    "sizeof",
    "struct",
    "asm",
    "u",
    "L",
    "key",
    "->x",
  ];
  let again = 0;
  for (let i = 0; i < 3000; i++) {
    const word = words[random(words.length)];
    const [start, end] = [word?.index ?? 0, (word?.index ?? 0) + (word?.[0].length ?? 0)];
    const at = start + random(end - start + 1);
    const now = edited(TEXT, at, random(end - at + 1), random(4) === 0 ? "" : (pieces[random(pieces.length)] ?? ""));
    const next = readAgain(now, before);
    if (next === undefined) continue;
    again++;
    const fresh = read(now);
    expect(shown(next), now).toEqual(shown(fresh));
    expect(next.sameCalls, now).toBe(callsIn(before).join() === callsIn(fresh).join());
  }
  expect(again).toBeGreaterThan(500);
});

function callsIn({ lowered: { islands, source } }: Reading): readonly string[] {
  return islands.calls.map(({ start, end }) => source.slice(start, end));
}
