/** Family: tail calls in a program that also calls functions. */

import type { Family } from "../family.ts";

export const tailCallBesideCalls: Family = {
  id: "tail-call-beside-calls",
  title: "Tail call and function calls do not mix here",
  class: "environment",
  by: "verifier",
  said: [
    /^tail_calls are not allowed in programs with (bpf-to-bpf calls|stack args)/,
    /^tail_calls are not allowed in non-JITed programs with bpf-to-bpf calls/,
    /^mixing of tail_calls and bpf-to-bpf calls is not supported/,
  ],
  meaning:
    "The program makes tail calls and also calls functions of its own that are not inlined. Only kernels from 5.10 on allow both together, and only where their compiler for the processor knows how.",
  advice: "Make the functions static __always_inline; or ask for a later kernel.",
  rules: ["tail-call-beside-calls"],
  examples: [
    { text: "tail_calls are not allowed in programs with bpf-to-bpf calls", from: "4.18 to 5.9" },
    { text: "tail_calls are not allowed in non-JITed programs with bpf-to-bpf calls", from: "5.10 to 7.2" },
    { text: "mixing of tail_calls and bpf-to-bpf calls is not supported", from: "6.17 to 7.2" },
  ],
};
