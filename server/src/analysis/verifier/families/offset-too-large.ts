/** A pointer that is moved further than the verifier follows. */

import type { Family } from "../family.ts";
import { kindInWords } from "../kinds.ts";
import { operationOf } from "../story/operation.ts";

export const offsetTooLarge: Family = {
  id: "offset-too-large",
  title: "Offset is too large",
  class: "source",
  by: "verifier",
  said: [
    /^math between (\S+) pointer and (-?\d+) is not allowed/,
    /^(\S+) pointer offset (-?\d+) is not allowed/,
    /^value (-?\d+) makes (\S+) pointer be out of bounds/,
  ],
  meaning: ({ match, log, at }) => {
    const [whole, first = "", second = ""] = match;
    const [kind, amount] = whole.startsWith("value") ? [second, first] : [first, second];
    const operation = operationOf(at === undefined ? "" : (log.steps[at]?.text ?? ""));
    const operator = operation.kind === "arithmetic" ? operation.operator : "+=";
    const done = DONE[operator] ?? `The operator ${operator} is applied with ${amount} to`;
    return `${done.replace("%", amount)} ${kindInWords(kind)}. The verifier follows a pointer only within 2^29 bytes (512 MiB) on both sides of where it began.`;
  },
  advice:
    "Such a number is a mistake mostly: a negative one in an unsigned type, a mask for an address (data & ~7), a number not yet bounded. Calculate on offsets from the beginning, bound them, and add them at the end.",
  rules: ["unbounded-index", "unbounded-packet-offset"],
  examples: [
    { text: "math between pkt pointer and 1073741825 is not allowed", from: "4.18 to 7.2" },
    { text: "fp pointer offset 1073741822 is not allowed", from: "4.18 to 7.2" },
    { text: "value -2147483648 makes map_value pointer be out of bounds", from: "4.18 to 7.2" },
  ],
};

const DONE: Readonly<Record<string, string>> = { "+=": "% is added to", "-=": "% is taken from" };
