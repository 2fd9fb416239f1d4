/** The strings of BTF: one after the other, each ended by a zero byte, named by their offset. */

/** What is longer is no name: bytes made to harm may name one endless string a million times. */
const LONGEST = 8192;
/** Names differ in their first letters. */
const HASHED = 64;

/** Text at an offset of a string table; empty where there is none. */
export function textAt(bytes: Uint8Array, offset: number): string {
  const text = bytes.subarray(offset, offset + LONGEST);
  const end = text.indexOf(0);
  return decoded(end === -1 ? text : text.subarray(0, end));
}

/** Of a string as it stands in the table; the same as `hashOf` its text. */
export function hashAt(bytes: Uint8Array, offset: number): number {
  let hash = SEED;
  for (let at = offset; at < offset + HASHED; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0) break;
    if (byte >= 0x80) return hashOf(textAt(bytes, offset));
    hash = Math.imul(hash ^ byte, PRIME);
  }
  return hash;
}

export function hashOf(text: string): number {
  let hash = SEED;
  const length = Math.min(text.length, HASHED);
  for (let at = 0; at < length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
  return hash;
}

/** FNV-1a. */
const SEED = 0x811c9dc5;
const PRIME = 0x01000193;

function decoded(bytes: Uint8Array): string {
  const text = String.fromCharCode(...bytes);
  return /[\x80-\xff]/.test(text) ? beyondAscii(text) : text;
}

/** One character a byte so far; what is no UTF-8 stays so. */
function beyondAscii(text: string): string {
  const percent = text.replace(/[%\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`);
  try {
    return decodeURIComponent(percent);
  } catch {
    return text;
  }
}
