/** Objects that are cut off, damaged or made to harm: one kind of error, and an end. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { BadObject } from "../../../server/src/analysis/elf/bytes.ts";
import { describeObject } from "../../../server/src/analysis/object/describe.ts";
import { NO_FACTS, objectFacts } from "../../../server/src/analysis/object/facts.ts";
import { listObject } from "../../../server/src/analysis/object/listing.ts";
import { listingText } from "../../../server/src/analysis/object/listing-text.ts";
import { openObject } from "../../../server/src/analysis/object/open.ts";
import { objectReport } from "../../../server/src/analysis/object/report.ts";
import { kb } from "../../support/check.ts";
import { bytesOf, compiled, EVERYTHING, llvm, run } from "../../support/objects.ts";

const facts = objectFacts(kb);

/** Everything that we do with an object. @returns whether it could be read */
function shown(bytes: Uint8Array): boolean {
  try {
    const open = openObject(bytes);
    const report = objectReport("x.o", describeObject(open, facts), facts);
    const { text } = listingText(listObject(open, facts), true);
    return report.length > 0 && text.length >= 0;
  } catch (error) {
    if (error instanceof BadObject && error.message.endsWith(".")) return false;
    throw error;
  }
}

function whole(): Uint8Array {
  const path = compiled(EVERYTHING);
  run(llvm("llvm-strip"), "-g", path);
  return bytesOf(path);
}

/** Always the same numbers, so that a failure can be looked at. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe("what may be in a file", () => {
  test("cut off anywhere", () => {
    const bytes = whole();
    expect(shown(bytes)).toBe(true);
    let read = 0;
    for (let length = 0; length < bytes.length; length += 16) read += shown(bytes.slice(0, length)) ? 1 : 0;
    // The table of sections stands at the end: without all of it there is nothing to go by.
    expect(read).toBe(0);
  });

  test("any bytes in the place of others", () => {
    const bytes = whole();
    const random = numbers(7);
    const next = (below: number): number => Math.floor((random.next().value as number) * below);
    let read = 0;
    for (let round = 0; round < 3000; round++) {
      const copy = bytes.slice();
      for (let i = 0; i <= round % 4; i++) copy[next(copy.length)] = [0, 1, 0x7f, 0x80, 0xff, next(256)][next(6)] ?? 0;
      read += shown(copy) ? 1 : 0;
    }
    expect(read).toBeGreaterThan(500);
    expect(read).toBeLessThan(3000);
  });

  test("large numbers in each place of its tables", () => {
    const bytes = whole();
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const table = Number(view.getBigUint64(40, true));
    for (let at = table; at + 8 <= bytes.length; at += 4) {
      for (const value of [0xffffffff, 0x7fffffff, bytes.length, 1]) {
        const copy = bytes.slice();
        new DataView(copy.buffer).setUint32(at, value, true);
        shown(copy);
      }
    }
  });
});

test("types whose names all end alike do not fill the memory", () => {
  const types = join(mkdtempSync(join(tmpdir(), "hookpoint-types-")), "types");
  writeFileSync(types, bomb());
  const text = `__asm__(".pushsection .BTF; .incbin \\"${types}\\"; .popsection");\nint data = 1;\n`;
  const bytes = bytesOf(compiled(text, ["-g0"]));
  rmSync(dirname(types), { recursive: true });
  const start = Date.now();
  expect(() => describeObject(openObject(bytes))).toThrow("The object is damaged: its texts lie over one another.");
  expect(Date.now() - start).toBeLessThan(5000);
});

/** BTF of a variable in .data, whose type has 60000 members with names of 8000 characters that share their ends. */
function bomb(): Uint8Array {
  const members = 60_000;
  const names = `\0${"a".repeat(8000)}\0data\0.data\0`;
  const words = [0, 0x04000000 | 60_000, 4];
  for (let i = 0; i < members; i++) words.push(1 + (i % 4000), 2, 0);
  words.push(1, 0x01000000, 4, 0x01000020);
  words.push(names.indexOf("data"), 0x0e000000, 1, 1);
  words.push(names.indexOf(".data"), 0x0f000001, 4, 3, 0, 4);
  const bytes = new Uint8Array(24 + words.length * 4 + names.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xeb9f, true);
  bytes[2] = 1;
  [24, 0, words.length * 4, words.length * 4, names.length].forEach((n, i) => void view.setUint32(4 + i * 4, n, true));
  words.forEach((word, i) => void view.setUint32(24 + i * 4, word, true));
  bytes.set(new TextEncoder().encode(names), 24 + words.length * 4);
  return bytes;
}

test("names that a terminal or Markdown would obey are shown as what they are", () => {
  // Compilers take no such names: Q and Z become what a terminal begins and ends an order with.
  const bytes = bytesOf(
    compiled(
      'int f(void *c) __asm__("evilQ]0;ownedZ|`x`") __attribute__((section("xdpQ[31m"), used));\nint f(void *c) { return 0; }\n',
      ["-g0"],
    ),
  );
  const names = { "evilQ]": "evil\x1b]", "ownedZ|": "owned\x07|", "xdpQ[": "xdp\x1b[" };
  let text = Buffer.from(bytes).toString("latin1");
  for (const [name, hostile] of Object.entries(names)) text = text.replaceAll(name, hostile);
  const open = openObject(Buffer.from(text, "latin1"));
  const report = objectReport("x.o", describeObject(open, NO_FACTS), NO_FACTS);
  const listing = listingText(listObject(open), true).text;
  for (const one of [report, listing]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(one).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]/);
    expect(one).toContain("evil");
  }
  expect(report).toContain("\\|'x'`");
});
