/** Family: a pointer into an object where the object itself is wanted. */

import type { Family } from "../family.ts";

export const argumentWithOffset: Family = {
  id: "argument-with-offset",
  title: "Pointer must be to the object itself",
  class: "source",
  by: "verifier",
  said: [/^(R\d+|\S+) must have zero offset when passed to release func(?: or trusted arg to kfunc)?/],
  meaning:
    "The pointer was moved: it points into the object, and what is called needs its beginning to know which object it is.",
  advice: "Pass the pointer as you got it; keep the moved one in another variable.",
  rules: ["unowned-release"],
  examples: [
    { text: "R1 must have zero offset when passed to release func or trusted arg to kfunc", from: "6.2 to 7.2" },
  ],
};
