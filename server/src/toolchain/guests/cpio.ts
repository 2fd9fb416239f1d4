/** Files packed as the kernel unpacks them at its start: the "newc" format of cpio. */

export interface PackedFile {
  /** Without a slash at its beginning; folders come before what is in them. */
  readonly name: string;
  /** With the kind of file: `0o100755`, `0o040755`. */
  readonly mode: number;
  readonly bytes?: Uint8Array;
  /** Of a device. */
  readonly device?: { readonly major: number; readonly minor: number };
}

const END: PackedFile = { name: "TRAILER!!!", mode: 0 };

export function cpio(files: readonly PackedFile[]): Uint8Array {
  return Buffer.concat([...files, END].flatMap(entry));
}

/** Header and name, then content, each filled up to a multiple of four. */
function entry({ name, mode, bytes = new Uint8Array(), device }: PackedFile, number: number): readonly Uint8Array[] {
  const path = Buffer.from(`${name}\0`);
  const fields = [
    number + 1,
    mode,
    0, // owner
    0, // group
    1, // links
    0, // time
    bytes.length,
    0, // the device it lies on
    0,
    device?.major ?? 0,
    device?.minor ?? 0,
    path.length,
    0, // checksum, which this format does not have
  ];
  const header = Buffer.from(`070701${fields.map(hex).join("")}`);
  return [header, path, filler(header.length + path.length), bytes, filler(bytes.length)];
}

function hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, "0");
}

function filler(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}
