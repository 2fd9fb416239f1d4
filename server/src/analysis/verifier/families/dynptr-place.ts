/** Family: a dynptr or an iterator that is not a local variable, whole and at its beginning. */

import type { Family } from "../family.ts";

export const dynptrPlace: Family = {
  id: "dynptr-place",
  title: "Must be a local variable of its own",
  class: "source",
  by: "verifier",
  said: [
    /^cannot pass in (\w+) at an offset(?:=-?\d+)?/,
    /^(\w+) has to be at a constant offset/,
    /^(?:arg#\d+|R\d+) expected pointer to stack or (?:dynptr_ptr|const struct bpf_dynptr)/,
    /^(?:arg#\d+|R\d+) expected pointer to an (iterator) on stack/,
    /^expected valid (iter) pointer as (?:arg ?#\d+|R\d+)/,
    /^Unsupported reg type (\S+) for bpf_dynptr_from_mem data/,
  ],
  meaning: ({ match }) => {
    if (match[0].startsWith("Unsupported"))
      return "bpf_dynptr_from_mem() takes memory of a map's value, not of the stack.";
    return `The verifier follows ${match[1]?.startsWith("iter") ? "an iterator" : "a dynptr"} only in a local variable of its own, by its exact place on the stack.`;
  },
  advice: ({ match }) =>
    match[0].startsWith("Unsupported")
      ? "Pass a pointer into the value that a lookup gave, or into a global variable."
      : "Declare it as a local variable and pass its address unchanged: struct bpf_dynptr data; bpf_dynptr_from_skb(skb, 0, &data);",
  rules: ["misplaced-dynptr"],
  examples: [
    { text: "cannot pass in dynptr at an offset=-12", from: "6.2 to 7.2" },
    { text: "cannot pass in dynptr at an offset", from: "5.19 to 6.1" },
    { text: "dynptr has to be at a constant offset", from: "6.3 to 7.2" },
    { text: "arg#0 expected pointer to stack or const struct bpf_dynptr", from: "6.11 to 7.1" },
    { text: "arg#0 expected pointer to stack or dynptr_ptr", from: "6.2 to 6.10" },
    { text: "arg#0 expected pointer to an iterator on stack", from: "6.12 to 7.1" },
    { text: "expected valid iter pointer as arg #1", from: "6.12 to 7.1" },
    { text: "Unsupported reg type fp for bpf_dynptr_from_mem data", from: "5.19 to 7.2" },
  ],
};
