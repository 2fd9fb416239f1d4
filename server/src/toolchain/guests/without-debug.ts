/** An object less what the kernel and libbpf never read: sent to a guest, debug information would be most of it. */

import { BadObject } from "../../analysis/elf/bytes.ts";
import { readElf } from "../../analysis/elf/elf.ts";

/** Of the same length, so that nothing moves: what is not read is filled with zeros, which take no room when they are packed. */
export function withoutDebug(object: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(object);
  try {
    for (const { name, content } of readElf(copy).sections)
      if (/^(?:\.rela?)?\.debug_/.test(name)) content.raw().fill(0);
    return copy;
  } catch (error) {
    // Damaged, or for another processor: libbpf says it better.
    if (error instanceof BadObject) return object;
    throw error;
  }
}
