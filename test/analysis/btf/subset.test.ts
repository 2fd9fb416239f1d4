/** BTF that is written, whole and in part. */

import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Btf, readBtf } from "../../../server/src/analysis/btf/btf.ts";
import { typesNamed } from "../../../server/src/analysis/btf/named.ts";
import { subsetOf } from "../../../server/src/analysis/btf/subset.ts";
import { writeBtf } from "../../../server/src/analysis/btf/write.ts";
import { sectionsBuilt } from "../../support/btf.ts";
import { needTool } from "../../support/tools.ts";

const SOURCE = `
typedef unsigned int u32;
typedef struct { u32 x; } anonymous_t;
enum state { IDLE, BUSY };
enum { LONELY = 7 };
struct leaf { int value; };
struct value { u32 a : 3, b : 29; };
struct hidden { int h; };
struct row { struct leaf *leaf; };
struct first {
	struct first *self;
	struct value inside;
	const struct leaf *leaf;
	struct hidden *hidden;
	anonymous_t *anonymous;
	struct row (*rows)[2];
	enum state state;
	union { int one; struct hidden *(*two)(struct hidden, int, ...); };
	_Bool yes;
	double d;
};
struct unrelated { long l; };
extern int bpf_call(struct first *f) __attribute__((section(".ksyms")));
struct first a; struct unrelated b; int e = LONELY; enum { BIG = 1ULL << 40, SMALL = -1 } big;
__attribute__((section("socket"))) int f(struct first *x) { return bpf_call(x); }
`;

const all = (btf: Btf) => Array.from({ length: btf.count - 1 }, (_, n) => btf.typeAt(n + 1));

test.each([
  ["bpfel", true],
  ["bpfeb", false],
] as const)("what is read from %s and written is the same when it is read again", (target, little) => {
  needTool("clang");
  const btf = readBtf(sectionsBuilt(SOURCE, target).btf);
  const again = readBtf(writeBtf(all(btf), little));
  expect(again.littleEndian).toBe(little);
  expect(all(again)).toEqual(all(btf));
});

test("the running kernel's types are the same when they are written and read again", (ctx) => {
  const kernel = "/sys/kernel/btf/vmlinux";
  if (!existsSync(kernel)) {
    if (process.env["CI"]) throw new Error("no BTF of the kernel");
    ctx.skip("no BTF of the kernel");
  }
  const btf = readBtf(readFileSync(kernel));
  const again = readBtf(writeBtf(all(btf)));
  expect(again.count).toBe(btf.count);
  // One by one: to compare them as one value would take a minute.
  for (let id = 1; id < btf.count; id += 7) expect(again.typeAt(id)).toEqual(btf.typeAt(id));
});

/** What is left: `struct first` for a whole one, `struct leaf;` for one that is declared only. */
function left(wanted: { tags?: readonly string[]; words?: readonly string[] }): readonly string[] {
  const btf = readBtf(sectionsBuilt(SOURCE).btf);
  const used = { tags: new Set(wanted.tags), words: new Set(wanted.words) };
  const types = subsetOf(btf, { ids: typesNamed(btf, used), follows: (member) => used.words.has(member) });
  const again = readBtf(writeBtf(types));
  return all(again).flatMap((type) => {
    if (!("name" in type) || type.name === "" || type.kind === "int") return [];
    return [type.kind === "fwd" ? `struct ${type.name};` : `${type.kind} ${type.name}`];
  });
}

test("a struct comes with what it is made of; what it points to is declared", () => {
  needTool("clang");
  expect([...left({ tags: ["first"] })].sort()).toEqual([
    "enum state",
    "float double",
    "struct first",
    "struct hidden;",
    "struct leaf;",
    "struct row",
    "struct value",
    "typedef anonymous_t",
    "typedef u32",
  ]);
});

test("what somebody goes through a member to is whole", () => {
  needTool("clang");
  const found = left({ tags: ["first"], words: ["hidden"] });
  expect(found).toContain("struct hidden");
  expect(found).toContain("struct leaf;");
});

test("typedefs and enumerators are found by their names, and nothing else is there", () => {
  needTool("clang");
  expect(left({ words: ["anonymous_t"] })).toEqual(["typedef u32", "typedef anonymous_t"]);
  expect(left({ words: ["BUSY"] })).toEqual(["typedef u32", "enum state"]);
  expect(left({ tags: ["nothing"], words: ["nothing"] })).toEqual(["typedef u32"]);
});

test("types that name one another in circles end", () => {
  const circle = [
    { kind: "typedef", name: "a", type: 2 },
    { kind: "const", type: 1 },
    { kind: "struct", name: "s", size: 8, members: [{ name: "m", type: 1, bitOffset: 0, bitSize: 0 }] },
    { kind: "array", type: 4, indexType: 4, count: 1 },
  ] as const;
  const btf = readBtf(writeBtf(circle));
  expect(subsetOf(btf, { ids: [3, 4], follows: () => true })).toEqual(circle);
});
