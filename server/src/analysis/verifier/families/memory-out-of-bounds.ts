/** An access beyond memory of a known size: a record of a ring buffer, an argument, what a kfunc gave. */

import type { Family, Found } from "../family.ts";
import { bytes, nextLine, stateBefore } from "../registers.ts";

export const memoryOutOfBounds: Family = {
  id: "memory-out-of-bounds",
  title: "Access beyond the memory",
  class: "source",
  by: "verifier",
  said: [/^invalid access to memory, mem_size=(\d+) off=(-?\d+) size=(\d+)/],
  meaning: (found) => {
    const [, whole = 0, off = 0, size = 0] = found.match.map(Number);
    const outside = off < 0 ? `${bytes(-off)} before it` : `${bytes(off + size - whole)} too many`;
    return `${isRecord(found) ? "This record of a ring buffer" : "The memory that this points to"} has ${bytes(whole)}, and ${bytes(size)} at offset ${off} are used: ${outside}.${isRecord(found) ? "" : " Such memory is an argument of a global function, which has the size of its type, or what a kfunc or dynptr gave."}`;
  },
  advice: (found) =>
    isRecord(found)
      ? "Reserve as much as is used: sizeof(*event), or sizeof(struct event); sizeof(event) is the size of a pointer. An index into it must be tested before it is used."
      : "Let the parameter be a pointer to all that is used, or ask for as much as is used. An index into it must be tested before it is used.",
  rules: ["access-out-of-bounds", "unbounded-index", "unbounded-size"],
  examples: [
    { text: "invalid access to memory, mem_size=8 off=4 size=16", from: "5.8 to 7.2" },
    { text: "invalid access to memory, mem_size=4 off=-1 size=1", from: "5.8 to 7.2" },
  ],
};

/** The next line names the register. */
function isRecord(found: Found): boolean {
  const register = /^(R\d+) /.exec(nextLine(found))?.[1];
  return register !== undefined && /^(?:ringbuf|alloc)_mem/.test(stateBefore(found, register) ?? "");
}
