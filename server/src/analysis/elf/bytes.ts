/** Bytes of an object file, read with every place checked: the file may be cut off or made to harm. */

/** The one error of everything that reads object files; its message is for people. */
export class BadObject extends Error {
  constructor(message: string) {
    super(message);
    this.name = "BadObject";
  }
}

/** Names of C++ and Rust run to a few thousand characters; what is longer is no name. */
export const LONGEST_TEXT = 8192;

export class Bytes {
  readonly length: number;
  readonly little: boolean;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(bytes: Uint8Array, little: boolean) {
    this.bytes = bytes;
    this.length = bytes.length;
    this.little = little;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(at: number): number {
    return this.view.getUint8(this.checked(at, 1));
  }

  u16(at: number): number {
    return this.view.getUint16(this.checked(at, 2), this.little);
  }

  i16(at: number): number {
    return this.view.getInt16(this.checked(at, 2), this.little);
  }

  u32(at: number): number {
    return this.view.getUint32(this.checked(at, 4), this.little);
  }

  i32(at: number): number {
    return this.view.getInt32(this.checked(at, 4), this.little);
  }

  u64(at: number): bigint {
    return this.view.getBigUint64(this.checked(at, 8), this.little);
  }

  /** A place or a size in a file: no file is so large that a number would not do. */
  size(at: number): number {
    return Number(this.u64(at));
  }

  slice(at: number, length: number, what: string): Bytes {
    if (!(at >= 0 && length >= 0 && at + length <= this.length))
      throw new BadObject(`The object is cut off or damaged: ${what} would lie outside of the file.`);
    return new Bytes(this.bytes.subarray(at, at + length), this.little);
  }

  raw(): Uint8Array {
    return this.bytes;
  }

  /** The text up to the next zero. */
  text(at: number): string {
    this.checked(at, 1);
    const end = this.bytes.indexOf(0, at);
    if (end < 0 || end - at > LONGEST_TEXT)
      throw new BadObject("The object is damaged: a name in it does not end where it should.");
    return utf8(this.bytes.subarray(at, end));
  }

  private checked(at: number, length: number): number {
    if (at >= 0 && at + length <= this.length) return at;
    throw new BadObject("The object is cut off or damaged: something it names would lie outside of it.");
  }
}

/** Text of any length; what is no UTF-8 is taken byte by byte. */
export function utf8(bytes: Uint8Array): string {
  let text = "";
  let plain = true;
  for (const byte of bytes) {
    if (byte >= 0x80) plain = false;
    text += String.fromCharCode(byte);
  }
  if (plain) return text;
  try {
    return decodeURIComponent(text.replace(/[%\x80-\xff]/g, (c) => `%${c.charCodeAt(0).toString(16)}`));
  } catch {
    return text;
  }
}
