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
    /^(?:arg#\d+|R\d+) (?:doesn't point to a const string|points to (?:insn|percpu)_array map which cannot be used as const string)/,
  ],
  sumsUp: true,
  meaning: ({ match }) =>
    match[0].includes("const string")
      ? "The function takes a text that cannot change: one in a read-only map, as constants of the program are."
      : "The function gets memory and a number that says how long it is. The verifier cannot show that there is that much memory on this path.",
  advice: ({ match }) =>
    match[0].includes("const string")
      ? 'Declare it as a constant of the file: static const char name[] = "…";'
      : "Pass sizeof() of the very buffer, or bound the length just before the call: if (len > sizeof(buffer)) return 0;",
  examples: [
    { text: "arg#1 arg#2 memory, len pair leads to invalid memory access", from: "5.19 to 7.1" },
    { text: "R2 and R3 memory, len pair leads to invalid memory access", from: "7.2" },
    { text: "arg#1 doesn't point to a const string", from: "6.8 to 7.1" },
  ],
};
