/** Family: an argument of a traced function, read otherwise than it is. */

import type { Family } from "../family.ts";

export const typedArgument: Family = {
  id: "typed-argument",
  title: "Argument of the hook is something else",
  class: "source",
  by: "verifier",
  said: [
    /^func '([^']+)' doesn't have (\d+)-th argument/,
    /^func '([^']+)' arg(\d+) '?(?:[^']*' )?(?:has type (\w+)\. Only pointer access is allowed)/,
    /^func '([^']+)' arg(\d+) type (\w+) is not a struct/,
    /^func '([^']+)' (?:offset (\d+) is not multiple of 8|size \d+ must be 8)/,
    /^func '([^']+)' arg(\d+) type \S+ has multiple type tags/,
  ],
  meaning: ({ match: { 0: all, 1: name, 2: number } }) => {
    if (all.includes("doesn't have"))
      return `${name}() has no argument number ${number}, counted from 0: the program names more than there are.`;
    if (all.includes("multiple of 8") || all.includes("must be 8"))
      return "Each argument takes 8 bytes of the context, and must be read whole.";
    if (all.includes("not a struct"))
      return `Argument ${number} of ${name}(), counted from 0, points to a plain number and not to a struct; the kernel does not follow it.`;
    return `Argument ${number} of ${name}(), counted from 0, is not a pointer that the program could follow.`;
  },
  advice:
    "Compare the arguments in BPF_PROG(…) with the function or tracepoint of this kernel, and read through plain pointers with bpf_probe_read_kernel().",
  rules: ["wrong-context-type"],
  examples: [
    { text: "func 'sched_switch' doesn't have 5-th argument", from: "5.5 to 7.2" },
    { text: "func 'do_unlinkat' arg0 'x' has type FUNC. Only pointer access is allowed", from: "5.5 to 7.2" },
    { text: "func 'sched_switch' arg0 type INT is not a struct", from: "5.5 to 7.2" },
    { text: "func 'sched_switch' offset 4 is not multiple of 8", from: "5.5 to 7.2" },
    { text: "func 'x' arg1 type y has multiple type tags", from: "7.2" },
  ],
};
