/** How we spell instructions, beside how the verifier of this kernel spells the same. */

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { objectFacts } from "../../server/src/analysis/object/facts.ts";
import { listObject } from "../../server/src/analysis/object/listing.ts";
import { openObject } from "../../server/src/analysis/object/open.ts";
import { kb } from "../support/check.ts";
import { bytesOf, compiled } from "../support/objects.ts";
import { whyNotHere } from "./toolbox.mjs";

const reason = whyNotHere();

/** Each instruction by its bytes, as assemblers differ in what they know: code, registers, offset, number. */
const raw = (code: number, registers: number, offset: number, imm: number): string =>
  `.byte ${code}, ${registers}; .2byte ${offset & 0xffff}; .4byte ${imm}`;

/** A program of all instructions that stay what they are when the kernel takes them. */
const PROGRAM = `
__attribute__((section("socket"), used, naked)) int all(void)
{
	asm volatile(
		${[
      raw(0xbf, 0x16, 0, 0), // r6 = r1
      raw(0xb7, 0x00, 0, 7),
      raw(0xb7, 0x01, 0, -3),
      raw(0x7b, 0x0a, -8, 0), // *(u64 *)(r10 -8) = r0
      raw(0x7a, 0x0a, -16, 5),
      raw(0x62, 0x0a, -20, -2),
      raw(0x6b, 0x0a, -24, 0),
      raw(0x73, 0x0a, -25, 0),
      raw(0x79, 0xa2, -8, 0),
      raw(0x61, 0xa3, -20, 0),
      raw(0x81, 0xa3, -20, 0), // r3 = *(s32 *)(r10 -20)
      raw(0x0f, 0x10, 0, 0),
      raw(0x04, 0x02, 0, 100),
      raw(0x1f, 0x20, 0, 0),
      raw(0x2f, 0x20, 0, 0),
      raw(0x37, 0x00, 0, 3),
      raw(0x37, 0x00, 1, 3), // r0 s/= 3
      raw(0x9f, 0x20, 1, 0),
      raw(0x47, 0x00, 0, 1),
      raw(0x5f, 0x20, 0, 0),
      raw(0xa7, 0x00, 0, -1),
      raw(0x67, 0x00, 0, 3),
      raw(0x77, 0x00, 0, 2),
      raw(0xc7, 0x00, 0, 1),
      raw(0x87, 0x00, 0, 0),
      raw(0x84, 0x02, 0, 0),
      raw(0xbf, 0x02, 8, 0), // r2 = (s8)r0
      raw(0xbc, 0x02, 16, 0),
      raw(0xbc, 0x02, 0, 0),
      raw(0xdc, 0x02, 0, 16),
      raw(0xd4, 0x02, 0, 32),
      raw(0xd7, 0x02, 0, 64), // bswap64
      raw(0xb7, 0x03, 0, 1),
      raw(0xdb, 0x3a, -8, 0x00),
      raw(0xc3, 0x3a, -20, 0x40),
      raw(0xdb, 0x3a, -8, 0x01), // fetch_add
      raw(0xdb, 0x3a, -8, 0x51),
      raw(0xc3, 0x3a, -20, 0xa1),
      raw(0xdb, 0x3a, -8, 0xe1), // xchg
      raw(0xdb, 0x3a, -8, 0xf1), // cmpxchg
      raw(0xb7, 0x00, 0, 0),
      raw(0x18, 0x04, 0, 0x1234567),
      raw(0x00, 0x00, 0, 0x89abcd),
      raw(0x2d, 0x34, 0, 0), // if r4 > r3 goto pc+0
      raw(0xa5, 0x03, 1, 9),
      raw(0xb7, 0x00, 0, 1),
      raw(0x66, 0x03, 1, -5),
      raw(0xb7, 0x00, 0, 1),
      raw(0xde, 0x34, 0, 0),
      raw(0x45, 0x03, 0, 8),
      raw(0x06, 0x00, 0, 0), // gotol pc+0
      raw(0xe5, 0x00, 0, 0), // may_goto
      raw(0x85, 0x00, 0, 5), // bpf_ktime_get_ns
      raw(0xb7, 0x00, 0, 0),
      raw(0x95, 0x00, 0, 0),
    ]
      .map((line) => JSON.stringify(`${line};`))
      .join("\n\t\t")}
	);
}
char LICENSE[] __attribute__((section("license"), used)) = "GPL";
`;

test("our spelling is the verifier's", (ctx) => {
  if (reason !== undefined) return ctx.skip(reason);
  const object = compiled(PROGRAM, ["-g"], ctx);
  const log = verifierLog(object);
  const [listed] = listObject(openObject(bytesOf(object)), objectFacts(kb));
  const ours = new Map(listed?.instructions.map(({ index, text }) => [index, text]));
  expect([...log.keys()].length, "instructions that the verifier shows").toBeGreaterThan(45);
  for (const [index, text] of log) expect(`${index}: ${ours.get(index)}`).toBe(`${index}: ${text}`);
});

/** What the verifier prints of each instruction, without the registers. */
function verifierLog(object: string): ReadonlyMap<number, string> {
  // In namespaces of its own, with a file system of BPF's own: nothing is left behind.
  const script = 'mount -t bpf bpf /sys/fs/bpf && exec bpftool -d prog load "$1" /sys/fs/bpf/spelt';
  const { stdout, stderr } = spawnSync("unshare", ["-m", "-n", "sh", "-c", script, "sh", object], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const log = `${stdout}${stderr}`;
  const found = new Map<number, string>();
  for (const [, index, text] of log.matchAll(/^(?:from \d+ to \d+: .*\n)?(\d+): (\([0-9a-f]{2}\) .*?)(?:\s*;.*)?$/gm))
    found.set(Number(index), (text ?? "").trimEnd());
  if (found.size === 0) throw new Error(log.slice(0, 4000));
  return found;
}
