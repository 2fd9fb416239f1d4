/** Family: a tail call through something that is no table of programs. */

import type { Family } from "../family.ts";

export const tailCallMap: Family = {
  id: "tail-call-map",
  title: "Tail call needs a BPF_MAP_TYPE_PROG_ARRAY",
  class: "source",
  by: "verifier",
  said: [
    /^kernel subsystem misconfigured verifier/,
    /^expected prog array map for tail call/,
    /^tail_call abusing map_ptr/,
  ],
  meaning: ({ match }) =>
    match[0].startsWith("tail_call")
      ? "Which table of programs is meant depends on the path that was taken: the kernel must know one for each bpf_tail_call()."
      : "The second argument of bpf_tail_call() must be a map of type BPF_MAP_TYPE_PROG_ARRAY, and it is another one. Older kernels say this as if the kernel itself were at fault.",
  advice: ({ match }) =>
    match[0].startsWith("tail_call")
      ? "Call bpf_tail_call() in each branch with its own map."
      : "Declare the map with __uint(type, BPF_MAP_TYPE_PROG_ARRAY), 4 bytes of key and 4 of value.",
  rules: ["wrong-map-type"],
  examples: [
    { text: "kernel subsystem misconfigured verifier", from: "4.18 to 6.16" },
    { text: "expected prog array map for tail call", from: "6.17 to 7.2" },
    { text: "tail_call abusing map_ptr", from: "4.18 to 7.2" },
  ],
};
