/** Files packed as every tar unpacks them: the "ustar" format. */

export interface PackedFile {
  /** Without folders. */
  readonly name: string;
  readonly mode: number;
  readonly bytes: Uint8Array;
}

const BLOCK = 512;

export function tar(files: readonly PackedFile[]): Uint8Array {
  return Buffer.concat([...files.flatMap(entry), new Uint8Array(2 * BLOCK)]);
}

function entry({ name, mode, bytes }: PackedFile): readonly Uint8Array[] {
  const header = Buffer.alloc(BLOCK);
  const path = Buffer.from(name);
  if (path.length > 99) throw new RangeError(`A name that is too long for a tar: ${name}`);
  path.copy(header, 0);
  header.write(octal(mode, 8), 100, "latin1");
  // Owner and group: whoever unpacks it.
  header.write(octal(0, 8), 108, "latin1");
  header.write(octal(0, 8), 116, "latin1");
  header.write(octal(bytes.length, 12), 124, "latin1");
  header.write(octal(Math.floor(Date.now() / 1000), 12), 136, "latin1");
  // The checksum counts itself as spaces.
  header.write("        0", 148, "latin1");
  header.write("ustar\x0000", 257, "latin1");
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${octal(sum, 7)} `, 148, "latin1");
  return [header, bytes, new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK)];
}

/** Filled up with zeros, and ended by a byte that is zero. */
function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, "0")}\0`;
}
