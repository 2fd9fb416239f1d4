/** Family: a program that owns its argument, and calls another in its place. */

import type { Family } from "../family.ts";

export const argumentReferenceTailCall: Family = {
  id: "argument-reference-tail-call",
  title: "Owns its argument, and makes a tail call",
  class: "source",
  by: "verifier",
  said: [/^program with __ref argument cannot tail call/],
  meaning:
    "This struct_ops program gets an argument that it has to give back. A tail call would leave that to a program that does not know of it.",
  advice: "Call a function instead of bpf_tail_call().",
  examples: [{ text: "program with __ref argument cannot tail call", from: "6.17 to 7.2" }],
};
