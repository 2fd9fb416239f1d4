/** An atomic operation on what takes none. */

import type { Family } from "../family.ts";
import { kindInWords } from "../kinds.ts";

export const atomicTarget: Family = {
  id: "atomic-target",
  title: "No such write here",
  class: "source",
  by: "verifier",
  said: [
    /^BPF_(ATOMIC|XADD) (?:stores into|loads from) (R\d+) (\S+) is not allowed/,
    /^BPF_(ST) stores into (R\d+) (\S+) is not allowed/,
  ],
  meaning: ({ match: [, operation = "", , kind = ""] }) =>
    operation === "ST"
      ? `A constant is written directly to ${kindInWords(KIND[kind] ?? kind)}; kernels before 6.4 take only registers there.`
      : `An atomic operation is applied to ${kindInWords(KIND[kind] ?? kind)}. They work on the values of maps, the stack and other memory that is the program's own.`,
  advice: ({ match: [, operation] }) =>
    operation === "ST"
      ? 'Write a variable: keep the compiler from seeing that it is constant, with asm volatile("" : "+r"(x));.'
      : "Do it to a value in a map or to a global variable. A field of the context is written plainly, as nobody else writes it meanwhile.",
  rules: ["context-access"],
  examples: [
    { text: "BPF_ATOMIC stores into R1 ctx is not allowed", from: "5.12 to 7.2" },
    { text: "BPF_ATOMIC loads from R1 ctx is not allowed", from: "6.17 to 7.2" },
    { text: "BPF_XADD stores into R1 context is not allowed", from: "4.18 and 4.19" },
    { text: "BPF_XADD stores into R1 pkt is not allowed", from: "4.20 to 5.11" },
    { text: "BPF_ST stores into R1 ctx is not allowed", from: "4.20 to 6.3" },
  ],
};

/** As the oldest kernels say it. */
const KIND: Readonly<Record<string, string>> = { context: "ctx", packet: "pkt" };
