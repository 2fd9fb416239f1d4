/** An access that may lie before or behind the value of a map, or a global variable. */

import type { Family, Found } from "../family.ts";
import { bytes, named, nextLine } from "../registers.ts";

export const mapValueOutOfBounds: Family = {
  id: "map-value-out-of-bounds",
  title: "Access beyond the value of a map",
  class: "source",
  by: "verifier",
  said: [/^invalid access to map value, value_size=(\d+) off=(-?\d+) size=(\d+)/],
  meaning: (found) => {
    const [, valueSize = 0, off = 0, size = 0] = found.match.map(Number);
    const outside = off < 0 ? `${bytes(-off)} before it` : `${bytes(off + size - valueSize)} beyond it`;
    return `A value of this map has ${bytes(valueSize)}. ${how(found, off, size)}: ${outside}.`;
  },
  advice: ({ match }) => {
    const [, valueSize = 0, off = 0, size = 0] = match.map(Number);
    if (size > valueSize)
      return "Use the type that the map is declared with (__type(value, …)), or pass the size of it; a global variable has the size of its type.";
    if (off < 0) return "Let the index be unsigned, or test it for 0 as well: if (i < 0 || i >= N) return 0;";
    return "Test the very variable that is used as the index, just before it is used: if (i >= N) return 0, or with a power of two i &= N - 1.";
  },
  rules: ["access-out-of-bounds", "late-bounds-check", "unbounded-index", "unbounded-size"],
  examples: [
    { text: "invalid access to map value, value_size=64 off=124 size=4", from: "4.18 to 7.2" },
    { text: "invalid access to map value, value_size=64 off=-16 size=4", from: "4.18 to 7.2" },
    { text: "invalid access to map value, value_size=8 off=0 size=16", from: "4.18 to 7.2" },
  ],
};

/** The next line says whether it is the lowest or the highest place that is meant. */
function how(found: Found, off: number, size: number): string {
  const [, register = "", end = ""] = /^(R\d+) (min|max) value is outside/.exec(nextLine(found)) ?? [];
  const subject = register === "" ? "The access" : named(found, register);
  const verb = subject.startsWith("Argument") ? "would let the helper use" : "takes";
  const what = `${bytes(size)} at offset ${off}`;
  if (end === "max") return `${subject.startsWith("R") ? "The access" : subject} ${verb} up to ${what}`;
  return `${subject.startsWith("R") ? "The access" : subject} ${verb} ${what}`;
}
