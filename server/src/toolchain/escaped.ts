/** Compilers count and write bytes where editors count UTF-16: columns, and names in quotes with octal escapes. */

/** The column of a byte, counted from 1, as an index into a line. Without the line, bytes are taken for characters. */
export function characterAt(line: string, column: number): number {
  const bytes = Buffer.from(line, "utf8");
  if (bytes.length === 0) return Math.max(0, column - 1);
  return bytes.subarray(0, Math.max(0, column - 1)).toString("utf8").length;
}

const LETTERS: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11 };

/** The text between the quotes of a C string whose bytes are UTF-8. */
export function bytesOfEscaped(text: string): string {
  const parts: Buffer[] = [];
  for (const [part] of text.matchAll(/\\[0-7]{1,3}|\\.|[^\\]+/gsu)) {
    if (!part.startsWith("\\")) parts.push(Buffer.from(part));
    else if (/^\\[0-7]/.test(part)) parts.push(Buffer.from([Number.parseInt(part.slice(1), 8) & 0xff]));
    else
      parts.push(
        LETTERS[part[1] ?? ""] === undefined ? Buffer.from(part.slice(1)) : Buffer.from([LETTERS[part[1] ?? ""] ?? 0]),
      );
  }
  return Buffer.concat(parts).toString("utf8");
}
