/** Family: a field that only helpers may touch, read or written directly. */

import type { Family } from "../family.ts";

export const specialFieldAccess: Family = {
  id: "special-field-access",
  title: "Field is only for its helpers",
  class: "source",
  by: "verifier",
  said: [
    /^(\w+(?: or \w+)?) cannot be accessed (?:directly by load\/store|indirectly by helper)/,
    /^(kptr) in map can only be accessed using (.+)/,
    /^(\w+) access (?:cannot have variable offset|misaligned expected=\d+ off=\d+|size must be BPF_DW)/,
    /^direct access to (.+) is disallowed/,
  ],
  meaning: ({ match }) =>
    match[0].includes(" access ") && match[1] !== undefined && !match[0].startsWith("direct")
      ? `A ${match[1]} must be read and written whole, as 8 bytes at its very place.`
      : `The kernel keeps something of its own in the ${match[1]}: a program that reads, copies or overwrites it, even as part of the whole value, is refused.`,
  advice: ({ match }) =>
    match[1] === "kptr"
      ? "Read it with a plain assignment and test it for NULL; change it with bpf_kptr_xchg(). Copy the other fields one by one."
      : "Use the helpers that belong to it, and copy the other fields one by one instead of the whole struct.",
  rules: ["special-field-access"],
  examples: [
    { text: "bpf_spin_lock cannot be accessed directly by load/store", from: "5.1 to 7.2" },
    { text: "kptr cannot be accessed indirectly by helper", from: "5.19 to 7.2" },
    { text: "kptr in map can only be accessed using BPF_LDX/BPF_STX/BPF_ST", from: "5.19 to 7.2" },
    { text: "kptr access cannot have variable offset", from: "5.19 to 7.2" },
    { text: "kptr access size must be BPF_DW", from: "5.19 to 7.2" },
    { text: "direct access to bpf_list_head is disallowed", from: "6.2 to 7.2" },
  ],
};
