/** BTF: the running kernel's, what clang writes, both byte orders, and bytes that are made to harm. */

import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BtfError, readBtf } from "../../../server/src/analysis/btf/btf.ts";
import { readBtfExt } from "../../../server/src/analysis/btf/btf-ext.ts";
import { sectionsBuilt } from "../../support/btf.ts";
import { needTool } from "../../support/tools.ts";

const SOURCE = `
#define SEC(name) __attribute__((section(name), used))
typedef unsigned int u32;
enum colour { RED, GREEN = 5, BLUE = -3 };
enum large { HUGE_ONE = 0x1122334455667788ULL };
struct other;
struct deep { struct { u32 a : 3; u32 b : 7; u32 rest; }; union { long l; char c[4]; }; };
struct node {
	struct node *next;
	const volatile struct other *other;
	enum colour colour;
	struct deep deep[3];
	int (*call)(struct node *, u32 how, ...);
	double number;
} __attribute__((preserve_access_index));
struct node first;
enum large size_of_it = HUGE_ONE;
static int __attribute__((noinline)) add(int a, int b) { return a + b * 2; }
extern int outside(int what) SEC(".ksyms");
SEC("socket") int größe(struct node *n) {
	if (!n->next) return outside(3);
	return add(n->colour, first.colour) + size_of_it + n->deep[1].rest;
}
`;

test.each([
  ["bpfel", true],
  ["bpfeb", false],
] as const)("what clang writes for %s is read whole", (target, little) => {
  needTool("clang");
  const { btf: bytes } = sectionsBuilt(SOURCE, target);
  const btf = readBtf(bytes);
  expect(btf.littleEndian).toBe(little);
  const find = (name: string) => btf.typeAt(btf.find(name) ?? 0);
  expect(find("colour")).toEqual({
    kind: "enum",
    name: "colour",
    size: 4,
    signed: true,
    values: [
      { name: "RED", value: 0n },
      { name: "GREEN", value: 5n },
      { name: "BLUE", value: -3n },
    ],
  });
  expect(find("u32")).toEqual({ kind: "typedef", name: "u32", type: btf.find("unsigned int") });
  expect(find("unsigned int")).toMatchObject({ kind: "int", size: 4, bits: 32, signed: false });
  expect(find("other")).toEqual({ kind: "fwd", name: "other", union: false });
  expect(find("double")).toEqual({ kind: "float", name: "double", size: 8 });
  const node = find("node");
  if (node.kind !== "struct") throw new Error(node.kind);
  expect(node.members.map(({ name, bitOffset }) => [name, bitOffset])).toEqual([
    ["next", 0],
    ["other", 64],
    ["colour", 128],
    ["deep", 192],
    ["call", 192 + 3 * 128],
    ["number", 192 + 3 * 128 + 64],
  ]);
  expect(btf.typeAt(node.members[0]?.type ?? 0)).toEqual({ kind: "ptr", type: btf.find("node") });
  const deep = find("deep");
  if (deep.kind !== "struct") throw new Error(deep.kind);
  const [first] = deep.members;
  expect(first?.name).toBe("");
  expect(btf.typeAt(first?.type ?? 0)).toMatchObject({
    members: [
      { name: "a", bitSize: 3 },
      { name: "b", bitSize: 7 },
      { name: "rest", bitOffset: 32, bitSize: 0 },
    ],
  });
  const program = find("größe");
  if (program.kind !== "func") throw new Error(program.kind);
  expect(program.linkage).toBe(1);
  expect(btf.typeAt(program.type)).toMatchObject({ kind: "func_proto", params: [{ name: "n" }] });
  expect(find(".ksyms")).toMatchObject({ kind: "datasec", vars: [{ type: btf.find("outside") }] });
  expect(find("first")).toMatchObject({ kind: "var", linkage: 1, type: btf.find("node") });
});

test("a value of 64 bits is read whole", (ctx) => {
  needTool("clang", ctx);
  const btf = readBtf(sectionsBuilt(SOURCE, "bpfeb").btf);
  const large = btf.typeAt(btf.find("large", ["enum64"]) ?? 0);
  expect(large).toMatchObject({ values: [{ name: "HUGE_ONE", value: 0x1122334455667788n }] });
});

test.each(["bpfel", "bpfeb"] as const)("functions, lines and relocations of %s are found", (target) => {
  needTool("clang");
  const { btf: bytes, ext: extBytes } = sectionsBuilt(SOURCE, target);
  const btf = readBtf(bytes);
  const ext = readBtfExt(extBytes, btf);
  const functions = ext.functions.flatMap(({ name, records }) => records.map(({ type }) => [name, btf.nameOf(type)]));
  expect(functions.sort()).toEqual([
    [".text", "add"],
    ["socket", "größe"],
  ]);
  const lines = ext.lines.find(({ name }) => name === "socket")?.records ?? [];
  expect(lines.find(({ text }) => text.includes("outside(3)"))).toMatchObject({
    line: SOURCE.split("\n").findIndex((line) => line.includes("outside(3)")) + 1,
    file: expect.stringMatching(/\.c$/),
  });
  const relocations = ext.relocations.flatMap(({ records }) => records);
  expect(relocations.map(({ type, access, kind }) => [btf.nameOf(type), access, kind])).toContainEqual([
    "node",
    "0:3:1",
    "byte_off",
  ]);
});

const KERNEL = "/sys/kernel/btf/vmlinux";

test("the running kernel's types are read, found by name and all of one piece", (ctx) => {
  if (!existsSync(KERNEL)) {
    if (process.env["CI"]) throw new Error("no BTF of the kernel");
    ctx.skip("no BTF of the kernel");
  }
  const btf = readBtf(readFileSync(KERNEL));
  const task = btf.typeAt(btf.find("task_struct", ["struct"]) ?? 0);
  if (task.kind !== "struct") throw new Error(task.kind);
  const pid = task.members.find(({ name }) => name === "pid");
  expect(btf.typeAt(btf.resolve(pid?.type ?? 0) ?? 0)).toMatchObject({ kind: "int", name: "int", size: 4 });
  const kinds = new Set<string>();
  for (let id = 0; id < btf.count; id++) {
    const type = btf.typeAt(id);
    kinds.add(type.kind);
    if ("name" in type && type.name !== "" && id % 97 === 0) expect(btf.findAll(type.name)).toContain(id);
  }
  expect([...kinds]).toEqual(
    expect.arrayContaining(["void", "int", "ptr", "struct", "union", "enum", "func", "float"]),
  );
});

test("what is built on a base goes on with its ids and its strings", (ctx) => {
  needTool("clang", ctx);
  const base = readBtf(sectionsBuilt(SOURCE, "bpfel").btf);
  // `typedef struct node small_t`, the name of the struct's own kind being in the base.
  const name = [...new TextEncoder().encode("\0small_t\0")];
  const words = [base.stringsEnd + 1, 8 << 24, base.find("node", ["struct"]) ?? 0];
  const header = [0x0001eb9f, 24, 0, words.length * 4, words.length * 4, name.length];
  const split = new Uint8Array([...new Uint8Array(new Uint32Array([...header, ...words]).buffer), ...name]);
  const btf = readBtf(split, base);
  expect([btf.start, btf.count]).toEqual([base.count, base.count + 1]);
  expect(btf.find("small_t")).toBe(base.count);
  expect(btf.nameOf(btf.resolve(base.count) ?? 0)).toBe("node");
  expect(btf.find("colour")).toBe(base.find("colour"));
  expect(() => readBtf(split)).toThrow(BtfError);
});

test("a circle of typedefs has no end to be found", () => {
  const words = [1, 8 << 24, 2, 1, 8 << 24, 1];
  const header = [0x0001eb9f, 24, 0, words.length * 4, words.length * 4, 3];
  const bytes = new Uint8Array([...new Uint8Array(new Uint32Array([...header, ...words]).buffer), 0, 65, 0]);
  expect(readBtf(bytes).resolve(1)).toBeUndefined();
});

test("bytes that are cut off anywhere, or changed anywhere, end in one clear error or in types that can be read", (ctx) => {
  needTool("clang", ctx);
  const { btf: bytes, ext } = sectionsBuilt(SOURCE, "bpfel");
  const whole = readBtf(bytes);
  for (let length = 0; length < bytes.length; length++) {
    expect(() => readBtf(bytes.subarray(0, length))).toThrow(BtfError);
  }
  for (let length = 0; length < ext.length; length++) {
    expect(() => readBtfExt(ext.subarray(0, length), whole)).toThrow(BtfError);
  }
  const random = generator(20);
  for (let round = 0; round < 4000; round++) {
    const spoilt = flipped(bytes, random);
    const spoiltExt = flipped(ext, random);
    survive(() => readEverything(spoilt));
    survive(() => readBtfExt(spoiltExt, whole));
  }
});

function readEverything(bytes: Uint8Array): void {
  const btf = readBtf(bytes);
  for (let id = 0; id <= btf.count; id++) {
    btf.typeAt(id);
    btf.resolve(id);
    btf.findAll(btf.nameOf(id));
  }
}

test("one endless name that everything bears does not take for ever", () => {
  const types = 5000;
  const words = Array.from({ length: types }, () => [1, 7 << 24, 0]).flat();
  const name = new Uint8Array(4_000_000).fill(65);
  name[0] = name[name.length - 1] = 0;
  const header = [0x0001eb9f, 24, 0, words.length * 4, words.length * 4, name.length];
  const start = new Uint8Array(new Uint32Array([...header, ...words]).buffer);
  const bytes = new Uint8Array(start.length + name.length);
  bytes.set(start);
  bytes.set(name, start.length);
  expect(readBtf(bytes).findAll("A".repeat(8192))).toHaveLength(types);
});

/** Its own error is an answer, any other is not. */
function survive(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof BtfError)) throw error;
  }
}

function flipped(bytes: Uint8Array, random: () => number): Uint8Array {
  const copy = new Uint8Array(bytes);
  for (let n = 0; n < 1 + random() * 4; n++) copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
  return copy;
}

/** The same numbers every time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
