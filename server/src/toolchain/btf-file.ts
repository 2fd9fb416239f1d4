/** Types of a kernel in a file: raw BTF, as /sys/kernel/btf has it, or a kernel or object with a section of them. */

import { type FileHandle, open, readFile, stat } from "node:fs/promises";
import { release } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { type Btf, BtfError, readBtf } from "../analysis/btf/btf.ts";
import { ToolProblem } from "./problem.ts";

export interface BtfFile {
  readonly path: string;
  /** For people: "Linux 6.12.1", "vmlinux-5.10". */
  readonly title: string;
  /** What a module's types are built on. */
  readonly base: string | undefined;
}

const KERNELS = "/sys/kernel/btf";
const OWN = `${KERNELS}/vmlinux`;
const FROM_ELSEWHERE =
  "Copy /sys/kernel/btf/vmlinux from the machine that is to run the programs, and choose that file.";
/** A kernel with all its modules has a tenth of this. */
const MOST_BYTES = 256 * 1024 * 1024;

/** @param chosen a file; undefined for the running kernel */
export async function btfFile(chosen: string | undefined, root: string): Promise<BtfFile> {
  if (chosen === undefined) {
    if (!(await isFile(OWN))) throw new ToolProblem(whyNoneHere());
    return { path: OWN, title: `Linux ${release()}`, base: undefined };
  }
  const path = resolve(root, chosen);
  if (!(await isFile(path))) throw new ToolProblem(`${chosen} cannot be read: there is no such file.`);
  const problem = compressed(await headOf(path));
  if (problem !== undefined) throw new ToolProblem(`${chosen} ${problem}`);
  const isModule = dirname(path) === KERNELS && path !== OWN;
  return { path, title: path === OWN ? `Linux ${release()}` : basename(path), base: isModule ? OWN : undefined };
}

/** Reads them; a file that is none ends in a ToolProblem. */
export async function readBtfFile({ path, base }: BtfFile): Promise<Btf> {
  const below = base === undefined ? undefined : await readBtfFile({ path: base, title: "", base: undefined });
  try {
    return readBtf(await btfBytes(path), below);
  } catch (error) {
    if (error instanceof BtfError) throw new ToolProblem(`${path} cannot be used: ${error.message}`);
    throw error;
  }
}

function whyNoneHere(): string {
  if (process.platform !== "linux") return `Only Linux shows its types, and this is another system. ${FROM_ELSEWHERE}`;
  return `This kernel (${release()}) shows no types: ${OWN} is not there. It was built without CONFIG_DEBUG_INFO_BTF. ${FROM_ELSEWHERE}`;
}

function compressed(head: Uint8Array): string | undefined {
  const begins = (...bytes: readonly number[]): boolean => bytes.every((byte, n) => head[n] === byte);
  const packed = begins(0x1f, 0x8b) || begins(0xfd, 0x37, 0x7a) || begins(0x28, 0xb5, 0x2f, 0xfd);
  if (packed) return "is compressed. Unpack it first, and choose what comes out.";
  if (!begins(0x4d, 0x5a)) return undefined;
  return `is a kernel to boot from, which is compressed. scripts/extract-vmlinux of the kernel's sources takes the vmlinux out of it; or: ${FROM_ELSEWHERE}`;
}

async function headOf(path: string): Promise<Uint8Array> {
  return withFile(path, (file) => bytesAt(file, 0, 64));
}

async function btfBytes(path: string): Promise<Uint8Array> {
  const head = await headOf(path);
  if (head[0] !== 0x7f || head[1] !== 0x45) return readFile(path);
  const bytes = await withFile(path, (file) => sectionOf(file, head));
  if (bytes !== undefined) return bytes;
  throw new ToolProblem(
    `${basename(path)} has no types in it: there is no section .BTF. ${join("…", "vmlinux")} of a kernel that was built with CONFIG_DEBUG_INFO_BTF has one, and an object that clang made with -g.`,
  );
}

/** The section `.BTF` of an ELF file of 64 or 32 bits; a kernel with debug information is too large to be read whole. */
async function sectionOf(file: FileHandle, head: Uint8Array): Promise<Uint8Array | undefined> {
  if (head.length < 64) throw new BtfError("The file is cut off.");
  const wide = head[4] === 2;
  const little = head[5] === 1;
  const header = viewOf(head);
  const number = (view: DataView, at32: number, at64: number): number =>
    wide ? Number(view.getBigUint64(at64, little)) : view.getUint32(at32, little);
  const entry = wide ? 64 : 40;
  const count = header.getUint16(wide ? 60 : 48, little);
  const table = viewOf(await bytesAt(file, number(header, 32, 40), count * entry));
  const place = (n: number): readonly [number, number] => {
    const own = new DataView(table.buffer, table.byteOffset + n * entry, entry);
    return [number(own, 16, 24), number(own, 20, 32)];
  };
  const namesAt = header.getUint16(wide ? 62 : 50, little);
  if (namesAt >= count) return undefined;
  const names = Buffer.from(await bytesAt(file, ...place(namesAt)));
  for (let n = 0; n < count; n++) {
    const name = table.getUint32(n * entry, little);
    if (names.subarray(name, name + 5).toString("latin1") === ".BTF\0") return bytesAt(file, ...place(n));
  }
  return undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Fewer at the end of the file, for a head; a place that the file names must be whole. */
async function bytesAt(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const { size } = await file.stat();
  const isHead = at === 0;
  if (length > MOST_BYTES || (!isHead && at + length > size)) throw new BtfError("The file is cut off or damaged.");
  const bytes = new Uint8Array(Math.min(length, Math.max(size - at, 0)));
  const { bytesRead } = await file.read(bytes, 0, bytes.length, at);
  if (bytesRead < bytes.length) throw new BtfError("The file is cut off or damaged.");
  return bytes;
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "EACCES" ? "it may not be read (permission denied)" : error.message;
    throw new ToolProblem(`${path} cannot be read: ${reason}.`);
  });
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isFile(),
    () => false,
  );
}
