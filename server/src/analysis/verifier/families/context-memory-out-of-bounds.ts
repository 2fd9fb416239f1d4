/** An access beyond the end of a context. */

import type { Family } from "../family.ts";
import { bytes } from "../registers.ts";

export const contextMemoryOutOfBounds: Family = {
  id: "context-memory-out-of-bounds",
  title: "Access beyond the context",
  class: "source",
  by: "verifier",
  said: [/^invalid access to context, ctx_size=(\d+) off=(-?\d+) size=(\d+)/],
  meaning: ({ match }) => {
    const [, whole = 0, off = 0, size = 0] = match.map(Number);
    return `The context of this program may have up to ${bytes(whole)}, and ${bytes(size)} at offset ${off} are used.`;
  },
  advice: "Use the struct that this type of program is given, and test an index into it before it is used.",
  examples: [{ text: "invalid access to context, ctx_size=65535 off=65535 size=4", from: "7.1 and 7.2" }],
};
