/** One type of BTF as a plain record, read from its words. */

import { type BtfInt, type BtfMember, type BtfType, KINDS } from "./types.ts";

/** @param text the string at an offset */
export function recordAt(words: Uint32Array, at: number, text: (offset: number) => string): BtfType {
  const word = (n: number): number => words[at + n] ?? 0;
  const info = word(1);
  const kind = KINDS[(info >>> 24) & 0x1f] ?? "void";
  const length = info & 0xffff;
  const flag = info >>> 31 === 1;
  const name = text(word(0));
  const size = word(2);
  const type = size;
  /** What follows the first three words, in parts of that many words each. */
  const parts = <T>(width: number, read: (a: number, b: number, c: number) => T): readonly T[] =>
    Array.from({ length }, (_, n) => read(word(3 + n * width), word(4 + n * width), word(5 + n * width)));

  switch (kind) {
    case "void":
      return { kind };
    case "int":
      return intOf(name, size, word(3));
    case "float":
      return { kind, name, size };
    case "ptr":
    case "volatile":
    case "const":
    case "restrict":
      return { kind, type };
    case "typedef":
      return { kind, name, type };
    case "type_tag":
      return { kind, name, type, attribute: flag };
    case "array":
      return { kind, type: word(3), indexType: word(4), count: word(5) };
    case "struct":
    case "union":
      return { kind, name, size, members: parts(3, (at, of, offset) => memberOf(text(at), of, offset, flag)) };
    case "enum": {
      const read = (value: number): bigint => BigInt(flag ? value | 0 : value);
      return { kind, name, size, signed: flag, values: parts(2, (at, v) => ({ name: text(at), value: read(v) })) };
    }
    case "enum64": {
      const read = (low: number, high: number): bigint =>
        (flag ? BigInt.asIntN : BigInt.asUintN)(64, (BigInt(high) << 32n) | BigInt(low));
      const values = parts(3, (at, low, high) => ({ name: text(at), value: read(low, high) }));
      return { kind, name, size, signed: flag, values };
    }
    case "fwd":
      return { kind, name, union: flag };
    case "func":
      return { kind, name, type, linkage: length };
    case "func_proto":
      return { kind, type, params: parts(2, (at, of) => ({ name: text(at), type: of })) };
    case "var":
      return { kind, name, type, linkage: word(3) };
    case "datasec":
      return { kind, name, size, vars: parts(3, (of, offset, bytes) => ({ type: of, offset, size: bytes })) };
    case "decl_tag":
      return { kind, name, type, component: word(3) | 0, attribute: flag };
  }
}

/** With bit fields among the members the offset is packed with the size. */
function memberOf(name: string, type: number, offset: number, packed: boolean): BtfMember {
  return { name, type, bitOffset: packed ? offset & 0xffffff : offset, bitSize: packed ? offset >>> 24 : 0 };
}

function intOf(name: string, size: number, word: number): BtfInt {
  const encoding = (word >>> 24) & 0x0f;
  return {
    kind: "int",
    name,
    size,
    bits: word & 0xff,
    offset: (word >>> 16) & 0xff,
    signed: (encoding & 1) !== 0,
    char: (encoding & 2) !== 0,
    bool: (encoding & 4) !== 0,
  };
}
