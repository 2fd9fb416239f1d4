/** Family: a dynptr that is set up again, or whose place is overwritten. */

import type { Family } from "../family.ts";

export const dynptrInUse: Family = {
  id: "dynptr-in-use",
  title: "Dynptr is in use already",
  class: "source",
  by: "verifier",
  said: [
    /^Dynptr has to be an uninitialized dynptr/,
    /^cannot overwrite referenced dynptr/,
    /^potential write to dynptr at off=(-?\d+) disallowed/,
  ],
  meaning: ({ match }) =>
    match[0].startsWith("Dynptr")
      ? "The variable is a dynptr that was set up already."
      : "The place on the stack that is written holds a dynptr that is in use: what it refers to could never be given back.",
  advice: "Use a second variable, or give the first dynptr back before it is set up again.",
  rules: ["repeated-setup", "touched-dynptr"],
  examples: [
    { text: "Dynptr has to be an uninitialized dynptr", from: "5.19 to 7.2" },
    { text: "cannot overwrite referenced dynptr", from: "6.3 to 7.2" },
    { text: "potential write to dynptr at off=-16 disallowed", from: "6.3 to 7.2" },
  ],
};
