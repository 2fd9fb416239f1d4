/** Bytes of the stack that are read before they were set. */

import type { Family, Found } from "../family.ts";
import { bytes, calledBy } from "../registers.ts";
import { stateBefore } from "../story/history.ts";

export const stackUninitialised: Family = {
  id: "stack-uninitialised",
  title: "Part of the stack was never set",
  class: "source",
  by: "verifier",
  said: [
    /^invalid( indirect)? read from stack (?:R\d+ )?off (-?\d+)\+(-?\d+) size (\d+)/,
    /^invalid( indirect)? read from stack (?:R\d+ )?var_off (.*)\+(-?\d+) size (\d+)/,
    /^reading from stack()(?: R\d+)? off (-?\d+)\+(-?\d+) size (\d+), slot poisoned by dead code elimination/,
  ],
  meaning: (found) => {
    const [whole, indirect, off = "", at = "", size = ""] = found.match;
    const callee = calledBy(found);
    if (ownerOf(found, off) !== undefined)
      return `The program reads the bytes of a ${ownerOf(found, off)} that lies on its stack. Only the functions that are made for it may look into it.`;
    if (whole.startsWith("reading"))
      return "The verifier had found that nobody reads this part of the stack, and now finds it read; it was never set on the paths that were looked at.";
    if (indirect === undefined && callee === undefined)
      return `The program reads ${bytes(Number(size))} of its stack, and byte ${Number(at) + 1} of these was not set on this path.`;
    const where = /^-?\d+$/.test(off)
      ? `byte ${Number(at) + 1} of the ${size} that are passed`
      : `a byte of the ${size} that are passed`;
    return `${callee === undefined ? "A helper" : `${callee}()`} reads ${bytes(Number(size))} from the stack, and ${where} was not set on this path. The gaps that the compiler leaves between members of a struct, and at its end, count as well.`;
  },
  advice: (found) =>
    ownerOf(found, found.match[2] ?? "") !== undefined
      ? "Use the functions that are made for it: bpf_dynptr_read(), bpf_dynptr_data() and bpf_dynptr_size() for a dynptr, the next function for an iterator."
      : "Set all of it before: struct key key = {}; sets the members, and __builtin_memset(&key, 0, sizeof(key)) the gaps between them too; or order and pad the members so that there are none.",
  rules: ["uninitialised-variable", "touched-dynptr"],
  examples: [
    { text: "invalid indirect read from stack R2 off -24+4 size 16", from: "5.12 to 6.13" },
    { text: "invalid indirect read from stack off -24+4 size 16", from: "4.18 to 5.11" },
    { text: "invalid read from stack R2 off -24+4 size 16", from: "6.14 to 7.2" },
    { text: "invalid read from stack off -16+0 size 8", from: "4.18 to 7.2" },
    { text: "invalid indirect read from stack R2 var_off (0x0; 0x7)+2 size 8", from: "5.12 to 6.13" },
    { text: "reading from stack off -16+0 size 8, slot poisoned by dead code elimination", from: "7.1 and 7.2" },
  ],
};

/** What the kernel keeps in that part of the stack, which nobody else may read. */
function ownerOf({ log, at }: Found, off: string): string | undefined {
  const first = Math.floor(Number(off) / 8) * 8;
  if (at === undefined || !Number.isInteger(first)) return undefined;
  // Of what takes several slots, one of the lower ones may be named.
  const states = [first, first + 8, first - 8].map((slot) => stateBefore(log, at, `fp${slot}`) ?? "");
  const kind = states.map((state) => /^(dynptr|iter|irq_flag)/.exec(state)?.[1]).find((one) => one !== undefined);
  return kind === undefined ? undefined : { dynptr: "dynptr", iter: "iterator", irq_flag: "flag of interrupts" }[kind];
}
