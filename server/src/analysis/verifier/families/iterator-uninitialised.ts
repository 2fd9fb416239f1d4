/** Family: an iterator that was not begun on this path. */

import type { Family } from "../family.ts";

export const iteratorUninitialised: Family = {
  id: "iterator-uninitialised",
  title: "Iterator was not begun, or is over",
  class: "source",
  by: "verifier",
  said: [/^expected an initialized iter_(\w+) as (?:arg ?#?\d+|R\d+)/],
  meaning: ({ match }) =>
    `On this path the iterator was not begun with bpf_iter_${match[1]}_new(), or it was ended with bpf_iter_${match[1]}_destroy() already.`,
  advice: "Call new, next and destroy in this order on the same variable; or let bpf_for_each() or bpf_for() do it.",
  rules: ["use-before-setup", "use-after-release", "released-twice"],
  examples: [
    { text: "expected an initialized iter_num as arg #1", from: "6.4 to 7.1" },
    { text: "expected an initialized iter_task as R1", from: "7.2" },
  ],
};
