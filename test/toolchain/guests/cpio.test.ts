/** What the kernel unpacks at its start, read again field by field. */

import { expect, test } from "vitest";
import { cpio } from "../../../server/src/toolchain/guests/cpio.ts";

interface Read {
  readonly name: string;
  readonly mode: number;
  readonly text: string;
  readonly device: readonly [number, number];
}

/** As the kernel's documentation of the format says it is read. */
function unpacked(bytes: Uint8Array): readonly Read[] {
  const found: Read[] = [];
  let at = 0;
  const text = (from: number, length: number) => new TextDecoder().decode(bytes.subarray(from, from + length));
  const field = (n: number) => Number.parseInt(text(at + 6 + 8 * n, 8), 16);
  while (at < bytes.length) {
    expect(text(at, 6)).toBe("070701");
    const [mode, size, nameSize] = [field(1), field(6), field(11)];
    const name = text(at + 110, nameSize - 1);
    expect(bytes[at + 110 + nameSize - 1]).toBe(0);
    const content = at + Math.ceil((110 + nameSize) / 4) * 4;
    found.push({ name, mode, text: text(content, size), device: [field(9), field(10)] });
    at = content + Math.ceil(size / 4) * 4;
  }
  return found;
}

test("names and contents of every length come back", () => {
  const files = Array.from({ length: 9 }, (_, n) => ({
    name: `d/${"ä".repeat(n)}f`,
    mode: 0o100755,
    bytes: Buffer.from("x".repeat(n)),
  }));
  const packed = cpio([
    { name: "d", mode: 0o040755 },
    ...files,
    { name: "console", mode: 0o020600, device: { major: 5, minor: 1 } },
  ]);
  expect(packed.length % 4).toBe(0);
  expect(unpacked(packed)).toEqual([
    { name: "d", mode: 0o040755, text: "", device: [0, 0] },
    ...files.map(({ name, mode, bytes }) => ({ name, mode, text: bytes.toString(), device: [0, 0] })),
    { name: "console", mode: 0o020600, text: "", device: [5, 1] },
    { name: "TRAILER!!!", mode: 0, text: "", device: [0, 0] },
  ]);
});
