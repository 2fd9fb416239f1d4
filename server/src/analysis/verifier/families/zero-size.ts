/** A size that may be 0. */

import type { Family } from "../family.ts";
import { named } from "../registers.ts";

export const zeroSize: Family = {
  id: "zero-size",
  title: "Size may be 0",
  class: "source",
  by: "verifier",
  said: [/^(R\d+) invalid zero-sized read(?:: u64=\[(-?\d+),(-?\d+)\])?/, /^invalid zero-sized read$/],
  meaning: (found) => {
    const [, register = "", least, most] = found.match;
    if (register === "")
      return "The size that is passed may be 0 on this path, and what is called takes at least 1 byte.";
    const range = least === undefined ? "it may be 0" : `it is from ${least} to ${most}`;
    return `${named(found, register)} is a size; on this path ${range}, and the call takes at least 1 byte.`;
  },
  advice: ({ match: [, , , most = "0"] }) =>
    `Leave where it is 0, just before the call: if (len == 0) return 0;${BigInt(most) > 0xffffn ? " It must also be bounded from above: if (len > sizeof(buf)) len = sizeof(buf);" : ""} With a mask, ask for one more: (len & 63) + 1.`,
  rules: ["unbounded-size"],
  examples: [
    { text: "R4 invalid zero-sized read: u64=[0,63]", from: "6.6 to 7.2" },
    { text: "invalid zero-sized read", from: "5.12 to 7.2" },
  ],
};
