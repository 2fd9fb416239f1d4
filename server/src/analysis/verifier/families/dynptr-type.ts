/** Family: a dynptr of one kind where another is wanted. */

import type { Family } from "../family.ts";

export const dynptrType: Family = {
  id: "dynptr-type",
  title: "Dynptr is of the wrong kind",
  class: "source",
  by: "verifier",
  said: [
    /^Expected a dynptr of type (\w+) as (?:arg ?#?\d+|R\d+|\*\(R11-\d+\))/,
    /^cannot pass pointer to const bpf_dynptr, the helper mutates it/,
    /^cannot release unowned const bpf_dynptr/,
    /^CONST_PTR_TO_DYNPTR cannot be released/,
  ],
  meaning: ({ match }) =>
    match[1] === undefined
      ? "This dynptr was lent to the program, as an argument of a callback for example: it may be read, and not changed or given back."
      : `The function works on a dynptr of the kind "${match[1]}" only, and this one was set up from something else.`,
  advice: ({ match }) =>
    match[1] === undefined
      ? "Set up a dynptr of your own."
      : "Set the dynptr up with the function that makes this kind, or call the one that belongs to the kind at hand.",
  rules: ["unowned-release"],
  examples: [
    { text: "Expected a dynptr of type ringbuf as arg #1", from: "6.1 to 7.1" },
    { text: "cannot pass pointer to const bpf_dynptr, the helper mutates it", from: "6.2 to 7.1" },
    { text: "cannot release unowned const bpf_dynptr", from: "6.2 to 7.1" },
    { text: "CONST_PTR_TO_DYNPTR cannot be released", from: "7.2" },
  ],
};
