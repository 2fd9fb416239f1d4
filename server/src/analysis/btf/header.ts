/** The header of BTF: byte order, and where types and strings are. */

import { BtfError } from "./error.ts";

export interface Sections {
  readonly littleEndian: boolean;
  /** The types; everything in them is a word of four bytes. */
  readonly words: Uint32Array;
  readonly stringBytes: Uint8Array;
}

const MAGIC = 0xeb9f;
/** Magic, version, flags and five lengths. */
const LENGTH = 24;
const VERSION = 1;

export function readHeader(bytes: Uint8Array): Sections {
  if (bytes.length < LENGTH) throw new BtfError("The bytes end before the header of BTF does.");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const littleEndian = byteOrder(view);
  if (view.getUint8(2) !== VERSION) throw new BtfError(`This is BTF of version ${view.getUint8(2)}; only 1 is known.`);
  const [header = 0, typesAt = 0, typesLength = 0, stringsAt = 0, stringsLength = 0] = [4, 8, 12, 16, 20].map((at) =>
    view.getUint32(at, littleEndian),
  );
  if (header < LENGTH) throw new BtfError("The header of the BTF is shorter than it can be.");
  if (typesLength % 4 !== 0) throw new BtfError("The types of the BTF are cut off.");
  const stringBytes = part(bytes, header + stringsAt, stringsLength, "strings");
  if (stringsLength > 0 && stringBytes.at(-1) !== 0) throw new BtfError("The last string of the BTF does not end.");
  const typeBytes = part(bytes, header + typesAt, typesLength, "types");
  return { littleEndian, words: wordsOf(typeBytes, littleEndian), stringBytes };
}

/** Whether the bytes begin as BTF does. */
export function isBtf(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  return (first === 0x9f && second === 0xeb) || (first === 0xeb && second === 0x9f);
}

/** Whether the words are little-endian; it is told by the first two bytes. */
export function byteOrder(view: DataView): boolean {
  if (view.getUint16(0, true) === MAGIC) return true;
  if (view.getUint16(0, false) === MAGIC) return false;
  throw new BtfError("This is no BTF: it does not begin as BTF does.");
}

function part(bytes: Uint8Array, from: number, length: number, what: string): Uint8Array {
  if (from + length > bytes.length) throw new BtfError(`The ${what} of the BTF are cut off.`);
  return bytes.subarray(from, from + length);
}

/** Copied, so that they lie at a multiple of four in the order of this machine. */
function wordsOf(bytes: Uint8Array, littleEndian: boolean): Uint32Array {
  const words = new Uint32Array(new Uint8Array(bytes).buffer);
  if (littleEndian === HOST_IS_LITTLE) return words;
  const view = new DataView(words.buffer);
  for (let n = 0; n < words.length; n++) words[n] = view.getUint32(n * 4, littleEndian);
  return words;
}

const HOST_IS_LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
