/** Family: an argument of a kernel function that is of the wrong kind. */

import type { Family } from "../family.ts";

export const kfuncArgument: Family = {
  id: "kfunc-argument",
  title: "Wrong kind of argument for a kernel function",
  class: "source",
  by: "verifier",
  said: [
    /^(?:kernel function (\S+) )?(?:args?#\d+|R\d+|\*\(R11-\d+\)) expected pointer to (.+?)(?:,? but (?:got|R\d+ has a pointer to|\S+ has a pointer to) (.+))?$/,
    /^kernel function (\S+) (?:args#\d+|R\d+) pointer type (.+) is not supported/,
    /^(?:arg#\d+|R\d+) pointer type .+ must point to (.+)/,
    /^(?:arg#\d+|R\d+|\*\(R11-\d+\)) expects pointer to (ctx)/,
    /^(?:arg#\d+|R\d+) is .*expected (?:.+) or socket/,
    /^kfunc bpf_rdonly_cast type ID argument must be of a struct/,
    /^Unrecognized (?:arg#\d+|R\d+) type (.+)/,
  ],
  meaning: ({ match }) => {
    if (match[0].includes("rdonly_cast"))
      return "bpf_core_cast() and bpf_rdonly_cast() turn an address into a pointer to a struct of the kernel, and the type that is named here is none.";
    const wanted = match[0].match(/expected pointer to ([^,]+?)(?:,? but |$)/)?.[1];
    return wanted === undefined
      ? "The kernel function takes another kind of argument in this place."
      : `In this place the kernel function takes a pointer to ${wanted === "ctx" ? "the program's context, unchanged" : wanted.replace(/^STRUCT /, "struct ")}, and something else is given.`;
  },
  advice:
    "Compare the call with the declaration in vmlinux.h; pass the object itself, not a copy of it on the stack, nor a pointer into it.",
  inGeneral: true,
  rules: ["wrong-kernel-object", "untrusted-pointer", "object-not-a-struct"],
  examples: [
    {
      text: "kernel function bpf_task_acquire args#0 expected pointer to STRUCT task_struct but R1 has a pointer to STRUCT file",
      from: "5.13 to 7.1",
    },
    { text: "arg#0 expected pointer to ctx, but got fp", from: "5.6 to 7.1" },
    { text: "arg#0 expected pointer to map value or allocated object", from: "6.2 to 7.1" },
    { text: "arg#1 pointer type STRUCT x must point to scalar, or struct with scalar", from: "5.19 to 7.1" },
    { text: "R1 expected pointer to ctx, but got fp", from: "7.2" },
    { text: "kernel function bpf_x args#0 pointer type STRUCT x is not supported", from: "5.13 to 7.1" },
    { text: "arg#0 expects pointer to ctx", from: "6.7 to 7.1" },
    { text: "arg#0 is fp expected file or socket", from: "6.2 to 7.1" },
    { text: "kfunc bpf_rdonly_cast type ID argument must be of a struct", from: "6.2 to 6.16" },
    { text: "Unrecognized arg#0 type PTR", from: "5.6 to 7.1" },
  ],
};
