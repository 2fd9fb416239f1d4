/** Family: a kernel function that this type of program may not call. */

import type { Family } from "../family.ts";

export const kfuncNotAllowed: Family = {
  id: "kfunc-not-allowed",
  title: "Kernel function is not for this kind of program",
  class: "source",
  by: "verifier",
  said: [/^calling kernel function (\S+) is not allowed/],
  meaning: ({ match }) =>
    `This kernel has ${match[1]}(), and does not let programs of this type call it: each kernel function is registered for some types of programs, and for struct_ops programs sometimes for some of their members only.`,
  advice:
    "Hover the function to see for which types it is; call it in a program of such a type, or use a helper that does the same.",
  rules: ["kfunc-not-allowed", "call-not-at-hook"],
  examples: [{ text: "calling kernel function bpf_task_acquire is not allowed", from: "5.13 to 7.2" }],
};
