/** Family: an argument of a struct_ops program that was given back, and is then read again. */

import type { Family } from "../family.ts";

export const contextReferenceReleased: Family = {
  id: "context-reference-released",
  title: "Argument was given back already",
  class: "source",
  by: "verifier",
  said: [/^invalid bpf_context access off=(\d+)\. Reference may already be released/],
  meaning:
    "This argument came with a reference that the program had to take over, it has given it back, and now reads the argument again.",
  advice: "Read the argument once into a variable at the beginning, and do not use it after it was given back.",
  examples: [{ text: "invalid bpf_context access off=8. Reference may already be released", from: "6.17 to 7.2" }],
};
