/** The flags and commands as committed, and the reader of flags. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { flagsIn } from "../../data/tools/extract/flags.mjs";

const knowledge = buildKnowledge(join(import.meta.dirname, "../../data"));

test("flags are read in every form the header has", () => {
  const header = `#define BPF_F_A (1U << 3) /* x */
#define BPF_F_LINK BPF_F_LINK
#define BPF_OTHER 4
enum {
	BPF_F_B = (1ULL << 33),
	BPF_F_C		= 0xffULL,
	BPF_F_D = (BPF_F_C << 32),
	BPF_F_E = (BPF_F_A | BPF_F_C),
	BPF_F_LINK = (1U << 13),
	BPF_ANY = 0,
};`;
  expect([...flagsIn(header)]).toEqual([
    ["BPF_F_A", 8n],
    ["BPF_F_B", 1n << 33n],
    ["BPF_F_C", 255n],
    ["BPF_F_D", 255n << 32n],
    ["BPF_F_E", 255n | 8n],
    ["BPF_F_LINK", 8192n],
    ["BPF_ANY", 0n],
  ]);
});

test("well-known flags have their values and releases", () => {
  const flag = (name: string) => knowledge.flags.find((fact) => fact.name === name);
  expect(flag("BPF_ANY")).toMatchObject({ value: "0x0", since: "3.19" });
  expect(flag("BPF_F_NO_PREALLOC")).toMatchObject({ value: "0x1", since: "4.6" });
  expect(flag("BPF_F_MMAPABLE")).toMatchObject({ value: "0x400", since: "5.5" });
  expect(flag("BPF_F_CURRENT_CPU")).toMatchObject({ value: "0xffffffff" });
  expect(flag("BPF_F_CTXLEN_MASK")).toMatchObject({ value: "0xfffff00000000" });
  for (const { name, value, since, source } of knowledge.flags) {
    expect(value, name).toMatch(/^0x[0-9a-f]+$/);
    if (since !== undefined) expect(since, name).toMatch(/^\d+\.\d+$/);
    expect(source.length, name).toBeGreaterThan(0);
  }
});

test("well-known commands have their numbers and releases", () => {
  const command = (name: string) => knowledge.commands.find((fact) => fact.name === name);
  expect(command("BPF_MAP_CREATE")).toMatchObject({ number: 0, since: "3.18" });
  expect(command("BPF_PROG_LOAD")).toMatchObject({ number: 5, since: "3.18" });
  expect(command("BPF_LINK_CREATE")).toMatchObject({ number: 28, since: "5.7" });
  expect(command("BPF_TOKEN_CREATE")).toMatchObject({ since: "6.9" });
});
