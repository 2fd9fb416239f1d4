/** What would tell an address of the kernel to programs without the right to know it. */

import type { Family } from "../family.ts";

export const addressRevealed: Family = {
  id: "address-revealed",
  title: "Reveals an address of the kernel",
  class: "environment",
  by: "verifier",
  said: [
    /^(R\d+) leaks addr (?:into|as) (map|ctx|packet|mem|helper function|flow keys|return value)/,
    /^leaking pointer from (stack) off (-?\d+)/,
    /^(R\d+) pointer (comparison) prohibited/,
    /^(R\d+) partial (copy) of pointer/,
    /^(R\d+) (sign)-extension part of pointer/,
  ],
  meaning: (found) => {
    const what = WHERE[found.match[2] ?? ""] ?? WHERE[found.match[1] ?? ""] ?? "uses the address that a pointer is";
    return `The program ${what}. That would tell addresses of the kernel, so it is allowed only to programs loaded with CAP_PERFMON (before 5.8: CAP_SYS_ADMIN); this one was loaded without.`;
  },
  advice:
    "Load it as root or with CAP_BPF and CAP_PERFMON; or store what the pointer points to, instead of the pointer. Pointers may always be tested for NULL, and pointers into the packet compared with its end.",
  examples: [
    { text: "R1 leaks addr into map", from: "4.18 to 7.2" },
    { text: "R2 leaks addr into ctx", from: "4.18 to 7.2" },
    { text: "R2 leaks addr into packet", from: "4.18 to 7.2" },
    { text: "R2 leaks addr into mem", from: "4.18 to 7.2" },
    { text: "R2 leaks addr into flow keys", from: "4.20 to 7.2" },
    { text: "R3 leaks addr into helper function", from: "4.18 to 7.2" },
    { text: "R0 leaks addr as return value", from: "4.18 to 7.2" },
    { text: "leaking pointer from stack off -8", from: "5.4 to 7.2" },
    { text: "R1 pointer comparison prohibited", from: "4.18 to 7.2" },
    { text: "R1 partial copy of pointer", from: "4.18 to 7.2" },
    { text: "R1 sign-extension part of pointer", from: "6.6 to 7.2" },
  ],
};

const WHERE: Readonly<Record<string, string>> = {
  map: "stores a pointer in the value of a map",
  ctx: "stores a pointer in its context",
  packet: "stores a pointer in the packet",
  mem: "stores a pointer in memory that others may read",
  "flow keys": "stores a pointer in the flow keys",
  "helper function": "gives a pointer to a helper as if it were a number",
  "return value": "returns a pointer",
  stack: "uses a pointer that was kept on the stack as a number",
  comparison: "compares a pointer with something other than NULL",
  copy: "copies the lower half of a pointer",
  sign: "extends a part of a pointer",
};
