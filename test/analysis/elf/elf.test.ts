/** What is an object and what is not, said in words. */

import { expect, test } from "vitest";
import { BadObject } from "../../../server/src/analysis/elf/bytes.ts";
import { readElf } from "../../../server/src/analysis/elf/elf.ts";
import { bytesOf, compiled, llvm, run } from "../../support/objects.ts";

const SMALL =
  'int f(void *ctx) { return 0; }\nint data = 5;\nchar L[] __attribute__((section("license"), used)) = "GPL";\n';

function reason(bytes: Uint8Array): string {
  try {
    readElf(bytes);
  } catch (error) {
    if (error instanceof BadObject) return error.message;
    throw error;
  }
  return "read";
}

test.each(["bpf", "bpfeb"])("sections and symbols of an object for %s are those that readelf sees", (target, ctx) => {
  const readelf = llvm("llvm-readelf", ctx as never);
  const path = compiled(SMALL, ["-g", "-target", target], ctx as never);
  const { sections, symbols } = readElf(bytesOf(path));
  const listed = run(readelf, "-S", "-W", path).matchAll(
    /^ +\[ *\d+\] (\S+) +([A-Z_]+) +[0-9a-f]+ ([0-9a-f]+) ([0-9a-f]+)/gm,
  );
  expect(sections.slice(1).map(({ name, size }) => [name, size])).toEqual(
    [...listed]
      .filter(([, , type]) => type !== "NULL")
      .map(([, name, , , size]) => [name, Number.parseInt(size ?? "", 16)]),
  );
  const named = run(readelf, "-s", "-W", path).matchAll(
    /^ +\d+: ([0-9a-f]+) +(\d+) (FUNC|OBJECT) +(GLOBAL|LOCAL) +DEFAULT +(\d+) (\S+)$/gm,
  );
  expect(
    symbols
      .filter(({ kind }) => kind === "function" || kind === "object")
      .map(({ name, value, size, section, binding }) => [name, value, size, section, binding]),
  ).toEqual(
    [...named].map(([, value, size, , binding, section, name]) => [
      name,
      Number.parseInt(value ?? "", 16),
      Number(size),
      Number(section),
      binding?.toLowerCase(),
    ]),
  );
});

test("a section that takes no room in the file has a size", (ctx) => {
  const { sections } = readElf(bytesOf(compiled("int zero[100];\n", ["-g"], ctx)));
  const bss = sections.find(({ name }) => name === ".bss");
  expect([bss?.size, bss?.content.length]).toEqual([400, 0]);
});

test("what is no object for BPF is refused with what it is", (ctx) => {
  const native = compiled("int f(void) { return 1; }\n", ["-target", "x86_64-linux-gnu"], ctx);
  expect(reason(bytesOf(native))).toBe("This is an object for x86-64, not for BPF.");
  const arm = compiled("int f(void) { return 1; }\n", ["-target", "aarch64-linux-gnu"], ctx);
  expect(reason(bytesOf(arm))).toBe("This is an object for ARM 64, not for BPF.");
  const old = compiled("int f(void) { return 1; }\n", ["-target", "i386-linux-gnu"], ctx);
  expect(reason(bytesOf(old))).toBe("This is an object of 32 bits. BPF objects have 64.");
  const bitcode = compiled(SMALL, ["-emit-llvm"], ctx);
  expect(reason(bytesOf(bitcode))).toContain("This is LLVM bitcode, not an object");
  const text = (content: string) => new TextEncoder().encode(content);
  expect(reason(text(""))).toBe("The file is empty.");
  expect(reason(text("int main(void);"))).toBe("This is no object file: it does not begin as ELF files do.");
  expect(reason(text("\x7fELF\x02\x01"))).toBe("The object is cut off: not even its header is whole.");
});

test("sections that lie over one another are refused: they could make endless work", (ctx) => {
  const bytes = bytesOf(compiled(SMALL, ["-g"], ctx));
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const table = Number(view.getBigUint64(40, true));
  for (let i = 1; i < view.getUint16(60, true); i++) {
    view.setUint32(table + i * 64 + 4, 1, true);
    view.setBigUint64(table + i * 64 + 24, 0n, true);
    view.setBigUint64(table + i * 64 + 32, BigInt(bytes.length), true);
  }
  expect(reason(bytes)).not.toBe("read");
});
