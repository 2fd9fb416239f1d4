/** An access beyond memory of a known size: a record of a ring buffer, an argument, what a kfunc gave. */

import type { Family } from "../family.ts";
import { bytes } from "../registers.ts";

export const memoryOutOfBounds: Family = {
  id: "memory-out-of-bounds",
  title: "Access beyond the memory",
  class: "source",
  by: "verifier",
  said: [/^invalid access to memory, mem_size=(\d+) off=(-?\d+) size=(\d+)/],
  meaning: ({ match }) => {
    const [, whole = 0, off = 0, size = 0] = match.map(Number);
    const outside = off < 0 ? `${bytes(-off)} before it` : `${bytes(off + size - whole)} too many`;
    return `This memory has ${bytes(whole)}, and ${bytes(size)} at offset ${off} are used: ${outside}. Such memory is what was reserved in a ring buffer, what a kfunc or dynptr gave, or an argument of a global function, which has the size of its type.`;
  },
  advice:
    "Reserve or ask for as much as is used: sizeof(*event), not sizeof(event), which is the size of a pointer. An index into it must be tested before it is used.",
  examples: [
    { text: "invalid access to memory, mem_size=8 off=4 size=16", from: "5.8 to 7.2" },
    { text: "invalid access to memory, mem_size=4 off=-1 size=1", from: "5.8 to 7.2" },
  ],
};
