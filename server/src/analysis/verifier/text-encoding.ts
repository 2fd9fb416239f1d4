/** How the bytes of a log stand for characters: logs are kept by editors, terminals and PowerShell alike. */

export type TextEncoding = "utf-8" | "utf-16le" | "utf-16be" | "latin1";

/** Of a text in Latin letters nearly every second byte of UTF-16 is zero. */
const MOSTLY = 0.4;
const SELDOM = 0.05;
const LEAST = 8;

/** @param sample the beginning; some kilobytes are enough */
export function encodingOf(sample: Uint8Array): TextEncoding {
  const [first, second, third] = sample;
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return wideEncoding(sample) ?? (isUtf8(sample) ? "utf-8" : "latin1");
}

function wideEncoding(sample: Uint8Array): TextEncoding | undefined {
  const pairs = sample.length >> 1;
  if (pairs < LEAST) return undefined;
  let even = 0;
  let odd = 0;
  for (let at = 0; at < pairs * 2; at += 2) {
    if (sample[at] === 0) even++;
    if (sample[at + 1] === 0) odd++;
  }
  if (odd > pairs * MOSTLY && even < pairs * SELDOM) return "utf-16le";
  return even > pairs * MOSTLY && odd < pairs * SELDOM ? "utf-16be" : undefined;
}

/** A character that the end of the sample cuts in two is none of a wrong encoding. */
function isUtf8(sample: Uint8Array): boolean {
  for (let at = 0; at < sample.length; ) {
    const length = lengthOf(sample[at] ?? 0);
    if (length === 0) return false;
    for (let more = 1; more < length; more++) {
      const byte = sample[at + more];
      if (byte === undefined) return true;
      if (byte < 0x80 || byte > 0xbf) return false;
    }
    at += length;
  }
  return true;
}

function lengthOf(byte: number): number {
  if (byte < 0x80) return 1;
  if (byte >= 0xc2 && byte <= 0xdf) return 2;
  if (byte >= 0xe0 && byte <= 0xef) return 3;
  return byte >= 0xf0 && byte <= 0xf4 ? 4 : 0;
}
