/** Family: a call with two arguments that each have to be given back. */

import type { Family } from "../family.ts";

export const twoReferences: Family = {
  id: "two-references",
  title: "Two owned objects in one call",
  class: "source",
  by: "verifier",
  said: [/^(?:verifier internal error: )?more than one arg with ref_obj_id R(\d+) (\d+) (\d+)/],
  meaning:
    "Two arguments of this call are objects that the program holds, and the verifier can follow only one through a call.",
  advice: "Copy what is needed from one of them to the stack, or pass the objects in two calls.",
  examples: [
    { text: "verifier internal error: more than one arg with ref_obj_id R3 2 4", from: "5.1 to 6.14" },
    { text: "more than one arg with ref_obj_id R2 1 3", from: "6.17 to 7.1" },
  ],
};
