/** Whether the types of BTF are whole: known kinds, none cut off, no names and no types that there are not. */

import { BtfError } from "./error.ts";
import { type BtfKind, KINDS, wordsAfter } from "./types.ts";

/** Where each type begins among the words. */
export function offsetsOf(words: Uint32Array, start: number): Uint32Array {
  let offsets = new Uint32Array(Math.max(16, words.length >> 2));
  let count = 0;
  for (let at = 0; at < words.length; ) {
    const info = words[at + 1] ?? 0;
    const number = (info >>> 24) & 0x1f;
    const kind = KINDS[number];
    // Void is never written down.
    if (kind === undefined || number === 0)
      throw new BtfError(`Type ${start + count} is of kind ${number}, which is not known.`);
    if (count === offsets.length) offsets = grown(offsets);
    offsets[count++] = at;
    at += 3 + wordsAfter(kind, info & 0xffff);
    if (at > words.length) throw new BtfError(`Type ${start + count - 1} is cut off.`);
  }
  return offsets.subarray(0, count);
}

function grown(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}

interface Limits {
  readonly start: number;
  readonly count: number;
  readonly stringsEnd: number;
}

export function checkReferences(words: Uint32Array, offsets: Uint32Array, { start, count, stringsEnd }: Limits): void {
  const beyond = (at: number, limit: number): boolean => (words[at] ?? 0) >= limit;
  for (let n = 0; n < offsets.length; n++) {
    const at = offsets[n] ?? 0;
    const info = words[at + 1] ?? 0;
    const kind = KINDS[(info >>> 24) & 0x1f] ?? "void";
    let badName = beyond(at, Math.max(stringsEnd, 1));
    let badType = REFERS.has(kind) && beyond(at + 2, count);
    const parts = PARTS[kind];
    if (parts !== undefined) {
      const [width, name, type] = parts;
      const end = at + 3 + wordsAfter(kind, info & 0xffff);
      for (let part = at + 3; part < end; part += width) {
        if (name >= 0 && beyond(part + name, stringsEnd)) badName = true;
        if (type >= 0 && beyond(part + type, count)) badType = true;
      }
    }
    if (kind === "array" && beyond(at + 4, count)) badType = true;
    if (badName || badType)
      throw new BtfError(`Type ${start + n} (${kind}) refers to a ${badName ? "name" : "type"} that is not there.`);
  }
}

/** Those whose third word is a type. */
const REFERS: ReadonlySet<BtfKind> = new Set<BtfKind>([
  "ptr",
  "typedef",
  "volatile",
  "const",
  "restrict",
  "func",
  "func_proto",
  "var",
  "decl_tag",
  "type_tag",
]);

/** What follows: how many words a part has, and which of them is a name, which a type; -1 for none. */
const PARTS: Readonly<Partial<Record<BtfKind, readonly [width: number, name: number, type: number]>>> = {
  array: [3, -1, 0],
  struct: [3, 0, 1],
  union: [3, 0, 1],
  enum: [2, 0, -1],
  enum64: [3, 0, -1],
  func_proto: [2, 0, 1],
  datasec: [3, -1, 0],
};
