/** An access beyond the stack, or beyond what is left of it behind a variable. */

import type { Family } from "../family.ts";
import { bytes, named } from "../registers.ts";

export const stackOutOfBounds: Family = {
  id: "stack-out-of-bounds",
  title: "Access beyond the stack",
  class: "source",
  by: "verifier",
  said: [
    /^invalid( (?:write|indirect access|access|read) (?:to|from))? ?stack (R\d+) off=(-?\d+) size=(\d+)/,
    /^invalid variable-offset( (?:write|indirect access|access|read) (?:to|from))? stack (R\d+) var_off=\S+ ?\S* (?:off=(-?\d+) )?size=(\d+)/,
    /^invalid stack()() off=(-?\d+) size=(\d+)/,
    /^invalid stack type()( R\d+) (?:off=(-?\d+)|var_off=.*) access_size=(-?\d+)/,
    /^()(R\d+) (?:min|max) value is outside of stack bound/,
  ],
  meaning: (found) => {
    const [whole, , register = "", off = "", size = ""] = found.match;
    const subject = named(found, register.trim());
    const whose = subject.startsWith("Argument") ? `${subject} does not hold` : "The stack does not hold";
    if (size === "")
      return "The place on the stack that is meant may lie outside of it: the index is not bounded enough.";
    const most = mostAdded(whole);
    if (most !== undefined)
      return `An array on the stack is used at an index that may lead out of the stack: ${most} may be added${off === "" ? "" : ` to a place ${bytes(-Number(off))} before its end`}.`;
    const end = Number(off) + Number(size);
    if (end > 0 && Number(off) < 0)
      return `${whose} that much: ${bytes(Number(size))} are used, and from there to the end of the stack there are ${-Number(off)}.`;
    return `The program uses ${bytes(Number(size))} at ${off}, counted from the end of its stack, which has ${bytes(512)}.`;
  },
  advice: ({ match: [whole] }) =>
    /var/.test(whole) || /value is outside/.test(whole)
      ? "Test the index just before it is used: unsigned, and less than the number of elements; with a power of two i &= N - 1."
      : "Pass the size of the variable itself, with sizeof. What needs more than the stack has goes into a per-CPU array or a ring buffer.",
  rules: ["access-out-of-bounds", "stack-too-large", "unbounded-index", "unbounded-size"],
  examples: [
    { text: "invalid write to stack R1 off=-8 size=16", from: "5.12 to 7.2" },
    { text: "invalid read from stack R10 off=-520 size=8", from: "5.12 to 7.2" },
    { text: "invalid indirect access to stack R2 off=-8 size=16", from: "5.12 to 6.13" },
    { text: "invalid stack R2 off=-600 size=8", from: "5.12 to 7.2" },
    { text: "invalid variable-offset write to stack R2 var_off=(0x0; 0xf) off=-8 size=1", from: "6.8 to 7.2" },
    { text: "invalid variable-offset write to stack R2 var_off=(0x0; 0xf) size=1", from: "5.12 to 6.6" },
    { text: "invalid stack off=-520 size=8", from: "4.18 to 5.11" },
    { text: "invalid stack type R1 off=-8 access_size=16", from: "4.18 to 5.11" },
    { text: "R2 max value is outside of stack bound", from: "5.2 to 5.11" },
  ],
};

/** `var_off=(0x0; 0xf)`: what is known of the number that is added, and the bits that may be set besides. */
function mostAdded(message: string): string | undefined {
  const [, value, unknown] = /var_off=\((0x[0-9a-f]+); (0x[0-9a-f]+)\)/.exec(message) ?? [];
  if (value === undefined || unknown === undefined) return undefined;
  const most = BigInt.asIntN(64, BigInt(value) | BigInt(unknown));
  return most < 0n ? "a negative number" : `up to ${most}`;
}
