/** A number of which too little is known, added to a pointer. */

import type { Family } from "../family.ts";
import { kindInWords } from "../kinds.ts";
import { rangeBefore } from "../registers.ts";
import { operationOf } from "../story/operation.ts";

export const unboundedOffset: Family = {
  id: "unbounded-offset",
  title: "Number added to a pointer is not bounded",
  class: "source",
  by: "verifier",
  said: [/^math between (\S+) pointer and register with unbounded min value is not allowed/],
  meaning: (found) => {
    const { match, log, at } = found;
    const operation = operationOf(at === undefined ? "" : (log.steps[at]?.text ?? ""));
    const register = operation.kind === "arithmetic" ? operation.from : undefined;
    const range = register === undefined ? undefined : rangeBefore(found, register);
    const known = range === undefined ? "Of the number nothing is known on this path" : `On this path it is ${range}`;
    return `Something is added to ${kindInWords(match[1] ?? "")}. ${known}; it may be so far below 0 that the verifier does not follow it.`;
  },
  advice:
    "Let the number be unsigned (__u32, __u64) and test it just before it is added, or mask it: i &= 0xff. A signed one must be tested for 0 as well: if (i < 0 || i >= N) return 0.",
  rules: ["unbounded-index", "unbounded-packet-offset"],
  examples: [
    { text: "math between pkt pointer and register with unbounded min value is not allowed", from: "4.18 to 7.2" },
    {
      text: "math between map_value pointer and register with unbounded min value is not allowed",
      from: "4.18 to 7.2",
    },
  ],
};
