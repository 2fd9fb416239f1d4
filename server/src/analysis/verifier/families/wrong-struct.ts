/** A pointer to another struct of the kernel than is wanted. */

import type { Family } from "../family.ts";
import { named } from "../registers.ts";

export const wrongStruct: Family = {
  id: "wrong-struct",
  title: "Pointer to the wrong struct",
  class: "source",
  by: "verifier",
  said: [/^(R\d+) is of type (\S+) but (\S+) is expected/, /^Helper has type (\S+) got (\S+) in (R\d+)/],
  meaning: (found) => {
    const [whole, first = "", second = "", third = ""] = found.match;
    const [register, is, wanted] = whole.startsWith("Helper") ? [third, second, first] : [first, second, third];
    return `${named(found, register)} must be a pointer to struct ${wanted}, and is one to struct ${is}.`;
  },
  advice: "Pass a pointer of that type; if the struct that is wanted is a member, or is pointed to, pass that.",
  rules: ["wrong-kernel-object"],
  examples: [
    { text: "R2 is of type linux_binprm but task_struct is expected", from: "5.10 to 7.2" },
    { text: "Helper has type sk_buff got file in R1", from: "5.5 to 5.9" },
  ],
};
