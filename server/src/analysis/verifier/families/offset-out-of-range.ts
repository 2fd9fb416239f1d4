/** The second line of messages about bounds, where the first is missing. */

import type { Family, Found } from "../family.ts";
import { named } from "../registers.ts";

export const offsetOutOfRange: Family = {
  id: "offset-out-of-range",
  title: "Offset may be out of range",
  class: "source",
  by: "verifier",
  inGeneral: true,
  said: [/^(R\d+) (min|max) value is outside of the (?:allowed memory|array) range/],
  meaning: (found: Found) => {
    const [, register = "", end] = found.match;
    const most = end === "min" ? "The lowest" : "The highest";
    return `${most} place to which ${named(found, register)} may point lies outside of the memory that it belongs to.`;
  },
  advice: "Test the index just before it is used, for both ends: unsigned, and less than the number of elements.",
  examples: [
    { text: "R0 max value is outside of the allowed memory range", from: "5.8 to 7.2" },
    { text: "R0 min value is outside of the array range", from: "4.18 to 5.7" },
  ],
};
