/** How single instructions are spelt; test/kernel/ compares this with what the verifier prints. */

import { expect, test } from "vitest";
import { BadObject, Bytes } from "../../../server/src/analysis/elf/bytes.ts";
import { instructionText } from "../../../server/src/analysis/object/instruction-text.ts";
import { decode, instructionSet } from "../../../server/src/analysis/object/instructions.ts";
import { kb } from "../../support/check.ts";

const helpers = new Map(kb.facts.helpers.map(({ id, name }) => [id, name]));
const names = { helper: (id: number) => helpers.get(id), target: () => undefined };

function bytes(hex: string): Bytes {
  return new Bytes(
    Uint8Array.from(hex.replaceAll(" ", "").match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)),
    true,
  );
}

const spelt = (hex: string): readonly string[] => decode(bytes(hex)).map((one) => instructionText(one, names));

test.each([
  ["b7 01 00 00 ff ff ff ff", "(b7) r1 = -1", "v1"],
  ["bf 16 00 00 00 00 00 00", "(bf) r6 = r1", "v1"],
  ["bf 12 08 00 00 00 00 00", "(bf) r2 = (s8)r1", "v4"],
  ["bc 12 10 00 00 00 00 00", "(bc) w2 = (s16)w1", "v4"],
  ["bc 12 00 00 00 00 00 00", "(bc) w2 = w1", "v3"],
  ["bf 12 01 00 01 00 00 00", "(bf) r2 = addr_space_cast(r1, 0, 1)", "v1"],
  ["bf 12 01 00 00 00 01 00", "(bf) r2 = addr_space_cast(r1, 1, 0)", "v1"],
  ["37 01 00 00 03 00 00 00", "(37) r1 /= 3", "v1"],
  ["37 01 01 00 03 00 00 00", "(37) r1 s/= 3", "v4"],
  ["9f 21 01 00 00 00 00 00", "(9f) r1 s%= r2", "v4"],
  ["c7 01 00 00 20 00 00 00", "(c7) r1 s>>= 32", "v1"],
  ["87 03 00 00 00 00 00 00", "(87) r3 = -r3", "v1"],
  ["dc 01 00 00 10 00 00 00", "(dc) r1 = be16 r1", "v1"],
  ["d4 01 00 00 40 00 00 00", "(d4) r1 = le64 r1", "v1"],
  ["d7 01 00 00 20 00 00 00", "(d7) r1 = bswap32 r1", "v4"],
  ["79 a1 f8 ff 00 00 00 00", "(79) r1 = *(u64 *)(r10 -8)", "v1"],
  ["91 21 04 00 00 00 00 00", "(91) r1 = *(s8 *)(r2 +4)", "v4"],
  ["62 0a fc ff 07 00 00 00", "(62) *(u32 *)(r10 -4) = 7", "v1"],
  ["73 12 03 00 00 00 00 00", "(73) *(u8 *)(r2 +3) = r1", "v1"],
  ["db 12 00 00 00 00 00 00", "(db) lock *(u64 *)(r2 +0) += r1", "v1"],
  ["c3 12 00 00 40 00 00 00", "(c3) lock *(u32 *)(r2 +0) |= r1", "v3"],
  ["db 12 00 00 01 00 00 00", "(db) r1 = atomic64_fetch_add((u64 *)(r2 +0), r1)", "v3"],
  ["c3 12 00 00 a1 00 00 00", "(c3) r1 = atomic_fetch_xor((u32 *)(r2 +0), r1)", "v3"],
  ["db 12 08 00 e1 00 00 00", "(db) r1 = atomic64_xchg((u64 *)(r2 +8), r1)", "v3"],
  ["c3 12 00 00 f1 00 00 00", "(c3) r0 = atomic_cmpxchg((u32 *)(r2 +0), r0, r1)", "v3"],
  ["db 12 00 00 00 01 00 00", "(db) r2 = load_acquire((u64 *)(r1 +0))", "v4"],
  ["db 12 00 00 10 01 00 00", "(db) store_release((u64 *)(r2 +0), r1)", "v4"],
  ["2d 12 04 00 00 00 00 00", "(2d) if r2 > r1 goto pc+4", "v1"],
  ["a5 01 fe ff 05 00 00 00", "(a5) if r1 < 0x5 goto pc-2", "v2"],
  ["66 01 01 00 ff ff ff ff", "(66) if w1 s> 0xffffffff goto pc+1", "v3"],
  ["45 01 01 00 01 00 00 00", "(45) if r1 & 0x1 goto pc+1", "v1"],
  ["05 00 fd ff 00 00 00 00", "(05) goto pc-3", "v1"],
  ["06 00 00 00 00 00 01 00", "(06) gotol pc+65536", "v4"],
  ["e5 00 02 00 00 00 00 00", "(e5) may_goto pc+2", "v1"],
  ["0d 01 00 00 00 00 00 00", "(0d) gotox r1", "v1"],
  ["85 00 00 00 01 00 00 00", "(85) call bpf_map_lookup_elem#1", "v1"],
  ["85 00 00 00 ff ff ff 7f", "(85) call unknown#2147483647", "v1"],
  ["85 10 00 00 07 00 00 00", "(85) call pc+7", "v1"],
  ["85 20 00 00 07 00 00 00", "(85) call kernel-function#7", "v1"],
  ["95 00 00 00 00 00 00 00", "(95) exit", "v1"],
  ["30 00 00 00 17 00 00 00", "(30) r0 = *(u8 *)skb[23]", "v1"],
  ["48 10 00 00 0e 00 00 00", "(48) r0 = *(u16 *)skb[r1 + 14]", "v1"],
  ["18 01 00 00 ef cd ab 89 00 00 00 00 67 45 23 01", "(18) r1 = 0x123456789abcdef", "v1"],
  ["ff 00 00 00 00 00 00 00", "(ff) no known instruction", "v1"],
])("%s is %s", (hex, text, set) => {
  expect(spelt(hex)).toEqual([text]);
  expect(instructionSet(decode(bytes(hex)))).toBe(set);
});

test("a load of 64 bits takes the place of two, and one that is cut off does not run on", () => {
  const load = "18 01 00 00 01 00 00 00 00 00 00 00 00 00 00 00";
  expect(decode(bytes(`${load} 95 00 00 00 00 00 00 00`)).map(({ index, slots }) => [index, slots])).toEqual([
    [0, 2],
    [2, 1],
  ]);
  expect(decode(bytes("18 01 00 00 01 00 00 00")).map(({ slots }) => slots)).toEqual([1]);
});

test("code that is not made of whole instructions is damaged", () => {
  expect(() => decode(bytes("95 00 00"))).toThrow(BadObject);
});
