/** Whether a file is a kernel that a guest can start, and which: as its own header says it. */

import { open } from "node:fs/promises";
import { ToolProblem } from "../problem.ts";

/** Of the boot protocol of x86; the text of the release lies within the set-up code, which has at most 64 sectors. */
const HEADER_BYTES = 64 * 512 + 512;
const BOOT_FLAG = 0x1fe;
const MAGIC = 0x202;
const RELEASE_AT = 0x20e;

/** `6.1.0-56-cloud-amd64`. */
export async function releaseOf(path: string): Promise<string> {
  const bytes = await beginning(path);
  const isKernel = bytes.length > 0x210 && bytes.readUInt16LE(BOOT_FLAG) === 0xaa55 && magic(bytes) === "HdrS";
  if (!isKernel) throw new ToolProblem(`${path} is no kernel image that a guest can start: ${whyNot(bytes)}`);
  const from = bytes.readUInt16LE(RELEASE_AT) + 0x200;
  const text = bytes.toString("latin1", from, from + 256).replace(/\0.*$/s, "");
  const release = /^\S+/.exec(text)?.[0] ?? "";
  if (/^\d+\.\d+/.test(release)) return release;
  throw new ToolProblem(`${path} is a kernel image, but does not say its release: it may be damaged.`);
}

async function beginning(path: string): Promise<Buffer> {
  try {
    const file = await open(path, "r");
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === "ENOENT"
        ? "there is no such file"
        : code === "EACCES"
          ? "permission denied"
          : code === "EISDIR"
            ? "it is a folder"
            : message;
    throw new ToolProblem(`The kernel image ${path} cannot be read: ${reason}.`);
  }
}

function magic(bytes: Buffer): string {
  return bytes.toString("latin1", MAGIC, MAGIC + 4);
}

function whyNot(bytes: Buffer): string {
  if (bytes.toString("latin1", 0, 4) === "\x7fELF")
    return "it is an ELF file. Name the bzImage or vmlinuz instead, in a build tree arch/x86/boot/bzImage.";
  return "it does not begin as bzImage and vmlinuz files of x86-64 do.";
}
