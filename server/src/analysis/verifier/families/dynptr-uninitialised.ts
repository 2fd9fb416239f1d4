/** Family: a dynptr that does not point to anything on this path. */

import type { Family } from "../family.ts";

export const dynptrUninitialised: Family = {
  id: "dynptr-uninitialised",
  title: "Dynptr is not set up",
  class: "source",
  by: "verifier",
  said: [/^Expected an initialized (\w+ )?dynptr as (?:arg ?#?\d+|R\d+|\*\(R11-\d+\))/],
  meaning:
    "On this path the dynptr was not set up, or it has been given back: bpf_ringbuf_submit_dynptr() and bpf_ringbuf_discard_dynptr() end it.",
  advice:
    "Set it up before (bpf_dynptr_from_skb(), bpf_dynptr_from_mem(), bpf_ringbuf_reserve_dynptr() …), use it, and give it back last.",
  rules: ["use-before-setup", "use-after-release", "released-twice"],
  examples: [
    { text: "Expected an initialized dynptr as arg #1", from: "6.1 to 7.1" },
    { text: "Expected an initialized ringbuf dynptr as arg #1", from: "5.19 and 6.0" },
    { text: "Expected an initialized dynptr as R1", from: "7.2" },
  ],
};
