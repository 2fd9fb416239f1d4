/** Family: an iterator that is begun twice. */

import type { Family } from "../family.ts";

export const iteratorInUse: Family = {
  id: "iterator-in-use",
  title: "Iterator is in use already",
  class: "source",
  by: "verifier",
  said: [/^expected uninitialized iter_(\w+) as (?:arg ?#?\d+|R\d+)/],
  meaning: ({ match }) =>
    `The variable is an iterator that was begun already. Even when bpf_iter_${match[1]}_new() failed, it must be ended first.`,
  advice: ({ match }) => `Call bpf_iter_${match[1]}_destroy() first, or use a second variable.`,
  rules: ["repeated-setup"],
  examples: [
    { text: "expected uninitialized iter_num as arg #1", from: "6.4 to 7.1" },
    { text: "expected uninitialized iter_num as R1", from: "7.2" },
  ],
};
