/** Family: memory and its length, passed to a kernel function, that do not fit each other. */

import type { Family } from "../family.ts";

export const kfuncMemory: Family = {
  id: "kfunc-memory",
  title: "Memory and length do not fit",
  class: "source",
  by: "verifier",
  said: [
    /^arg#\d+ arg#\d+ memory, len pair leads to invalid memory access/,
    /^.+ memory, len pair leads to invalid memory access/,
  ],
  sumsUp: true,
  meaning:
    "The function gets memory and a number that says how long it is. The verifier cannot show that there is that much memory on this path.",
  advice:
    "Pass sizeof() of the very buffer, or bound the length just before the call: if (len > sizeof(buffer)) return 0;",
  rules: ["access-out-of-bounds", "constant-address", "size-not-constant", "unbounded-size"],
  examples: [
    { text: "arg#1 arg#2 memory, len pair leads to invalid memory access", from: "5.19 to 7.1" },
    { text: "R2 and R3 memory, len pair leads to invalid memory access", from: "7.2" },
  ],
};
