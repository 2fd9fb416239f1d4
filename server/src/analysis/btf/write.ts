/** Writes types as BTF that every reader of it takes: bpftool, libbpf, the kernel. */

import { type BtfInt, type BtfKind, type BtfType, KINDS } from "./types.ts";

/** @param types the first gets id 1; what they name by id must be among them */
export function writeBtf(types: readonly BtfType[], littleEndian = true): Uint8Array {
  const names = new Names();
  const words = types.flatMap((type) => wordsOf(type, (name) => names.offsetOf(name)));
  const typesLength = words.length * 4;
  const bytes = new Uint8Array(HEADER + typesLength + names.bytes.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, MAGIC, littleEndian);
  view.setUint8(2, VERSION);
  const lengths = [HEADER, 0, typesLength, typesLength, names.bytes.length];
  for (const [n, length] of lengths.entries()) view.setUint32(4 + n * 4, length, littleEndian);
  for (const [n, word] of words.entries()) view.setUint32(HEADER + n * 4, word >>> 0, littleEndian);
  bytes.set(names.bytes, HEADER + typesLength);
  return bytes;
}

const MAGIC = 0xeb9f;
const VERSION = 1;
const HEADER = 24;

/** The string table while it grows; every name is in it once. */
class Names {
  /** The empty name comes first. */
  readonly bytes: number[] = [0];
  private readonly known = new Map<string, number>([["", 0]]);

  offsetOf(name: string): number {
    const before = this.known.get(name);
    if (before !== undefined) return before;
    const offset = this.bytes.length;
    this.known.set(name, offset);
    for (const byte of utf8(name)) this.bytes.push(byte);
    this.bytes.push(0);
    return offset;
  }
}

/** The core has none of the hosts' encoders. */
function utf8(text: string): readonly number[] {
  return [...unescapedBytes(encodeURIComponent(text))];
}

function* unescapedBytes(percent: string): Generator<number> {
  for (let at = 0; at < percent.length; at++) {
    if (percent[at] !== "%") {
      yield percent.charCodeAt(at);
      continue;
    }
    yield Number.parseInt(percent.slice(at + 1, at + 3), 16);
    at += 2;
  }
}

function wordsOf(type: BtfType, at: (name: string) => number): readonly number[] {
  const { kind } = type;
  const name = "name" in type ? at(type.name) : 0;
  switch (type.kind) {
    case "void":
      throw new Error("Void has no place in BTF: it is id 0.");
    case "int":
      return [name, info(kind), type.size, encodingOf(type)];
    case "float":
      return [name, info(kind), type.size];
    case "ptr":
    case "volatile":
    case "const":
    case "restrict":
    case "typedef":
      return [name, info(kind), type.type];
    case "type_tag":
      return [name, info(kind, 0, type.attribute), type.type];
    case "array":
      return [0, info(kind), 0, type.type, type.indexType, type.count];
    case "struct":
    case "union": {
      const { members, size } = type;
      const packed = members.some(({ bitSize }) => bitSize > 0);
      const parts = members.flatMap((one) => [at(one.name), one.type, one.bitOffset | (one.bitSize << 24)]);
      return [name, info(kind, members.length, packed), size, ...parts];
    }
    case "enum": {
      const parts = type.values.flatMap((one) => [at(one.name), Number(BigInt.asIntN(32, one.value))]);
      return [name, info(kind, type.values.length, type.signed), type.size, ...parts];
    }
    case "enum64": {
      const low = (value: bigint): number => Number(BigInt.asIntN(32, value));
      const parts = type.values.flatMap((one) => [at(one.name), low(one.value), low(one.value >> 32n)]);
      return [name, info(kind, type.values.length, type.signed), type.size, ...parts];
    }
    case "fwd":
      return [name, info(kind, 0, type.union), 0];
    case "func":
      return [name, info(kind, type.linkage), type.type];
    case "func_proto": {
      const parts = type.params.flatMap((one) => [at(one.name), one.type]);
      return [0, info(kind, type.params.length), type.type, ...parts];
    }
    case "var":
      return [name, info(kind), type.type, type.linkage];
    case "datasec": {
      const parts = type.vars.flatMap((one) => [one.type, one.offset, one.size]);
      return [name, info(kind, type.vars.length), type.size, ...parts];
    }
    case "decl_tag":
      return [name, info(kind, 0, type.attribute), type.type, type.component];
  }
}

function info(kind: BtfKind, length = 0, flag = false): number {
  return (KINDS.indexOf(kind) << 24) | length | (flag ? 1 << 31 : 0);
}

function encodingOf({ signed, char, bool, offset, bits }: BtfInt): number {
  const encoding = (signed ? 1 : 0) | (char ? 2 : 0) | (bool ? 4 : 0);
  return (encoding << 24) | (offset << 16) | bits;
}
