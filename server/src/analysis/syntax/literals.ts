/** What literals come to: numbers, characters, the size of strings. */

const INTEGER = /^(0[xX][\da-fA-F']+|0[bB][01']+|\d[\d']*)([uUlLzZ]*)$/;

/** The value of an integer as written; undefined for a floating one. */
export function numberOf(text: string): { readonly value: bigint | undefined; readonly suffix: string } {
  // Most are one digit.
  if (text.length === 1) return { value: BigInt(text), suffix: "" };
  const [, written = "", suffix = ""] = INTEGER.exec(text) ?? [];
  const digits = written.replaceAll("'", "");
  if (digits === "") return { value: undefined, suffix: /[a-zA-Z]*$/.exec(text)?.[0].toLowerCase() ?? "" };
  const isOctal = /^0\d/.test(digits);
  if (isOctal && /[89]/.test(digits)) return { value: undefined, suffix: suffix.toLowerCase() };
  // As large as a program may hold it; what is longer is no number that a compiler takes.
  if (digits.length > 70) return { value: undefined, suffix: suffix.toLowerCase() };
  return { value: BigInt(isOctal ? `0o${digits.slice(1)}` : digits), suffix: suffix.toLowerCase() };
}

const ESCAPE = /\\(?:x[\da-fA-F]+|[0-7]{1,3}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|\r?\n|.)/gs;
const NAMED: ReadonlyMap<string, number> = new Map([
  ["n", 10],
  ["t", 9],
  ["r", 13],
  ["a", 7],
  ["b", 8],
  ["f", 12],
  ["v", 11],
  ["e", 27],
]);

/** `'a'`, `'\n'`, `'\0'`; undefined for several characters. */
export function characterValue(text: string): bigint | undefined {
  const inside = text.slice(1, -1);
  if (!inside.startsWith("\\")) return inside.length === 1 ? BigInt(inside.charCodeAt(0)) : undefined;
  const rest = inside.slice(1);
  const code = /^x[\da-fA-F]{1,2}$/.test(rest)
    ? Number.parseInt(rest.slice(1), 16)
    : /^[0-7]{1,3}$/.test(rest)
      ? Number.parseInt(rest, 8)
      : rest.length === 1
        ? (NAMED.get(rest) ?? rest.charCodeAt(0))
        : undefined;
  // A `char` has a sign on BPF.
  return code === undefined ? undefined : BigInt(code > 127 ? code - 256 : code);
}

/** How many bytes a string literal takes without its final zero. */
export function stringSize(text: string): number {
  const closed = text.length > 1 && text.endsWith('"');
  const inside = text.slice(1, closed ? -1 : undefined);
  if (!inside.includes("\\")) return utf8Size(inside);
  let size = 0;
  let done = 0;
  for (const match of inside.matchAll(ESCAPE)) {
    const [written] = match;
    size += utf8Size(inside.slice(done, match.index)) + escapeSize(written);
    done = match.index + written.length;
  }
  return size + utf8Size(inside.slice(done));
}

function escapeSize(written: string): number {
  if (/^\\\r?\n$/.test(written)) return 0;
  if (!/^\\[uU]/.test(written)) return 1;
  return utf8Size(String.fromCodePoint(Math.min(Number.parseInt(written.slice(2) || "0", 16), 0x10ffff)));
}

function utf8Size(text: string): number {
  let size = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // Each half of a pair counts two.
    if (code > 0x7f) size += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return size;
}
