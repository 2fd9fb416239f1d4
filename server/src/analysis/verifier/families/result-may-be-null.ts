/** Family: a pointer that may be NULL is used as if it were not. */

import type { Family } from "../family.ts";

export const resultMayBeNull: Family = {
  id: "result-may-be-null",
  title: "Result may be NULL",
  class: "source",
  by: "verifier",
  said: [/^R(\d+) invalid mem access '(\w+)_or_null'/],
  meaning:
    "The pointer is used, and nothing on this path has shown that it is not NULL. A lookup gives NULL where there is no such entry.",
  advice: "Test it first, and leave where it is NULL: if (!value) return 0;",
  examples: [{ text: "R0 invalid mem access 'map_value_or_null'", from: "4.18 to 7.2" }],
};
