/** A pointer that is stored or loaded in parts. */

import type { Family } from "../family.ts";

export const spilledPointer: Family = {
  id: "spilled-pointer",
  title: "Pointer is not kept whole",
  class: "source",
  by: "verifier",
  said: [
    /^invalid size of register (spill|fill)/,
    /^(corrupt)ed spill memory/,
    /^attempt to (corrupt) spilled pointer on stack/,
    /^cannot spill pointers to stack into stack frame of the (caller)/,
  ],
  meaning: ({ match: [, what] }) => {
    if (what === "caller")
      return "A function stores a pointer to its own stack in a variable of the function that called it; that pointer would dangle when it returns.";
    if (what === "corrupt")
      return "A part of a pointer that was kept on the stack is overwritten, or was. Without the rights to see kernel addresses (CAP_PERFMON) that is refused.";
    return `A pointer is ${what === "spill" ? "stored on" : "loaded from"} the stack with less than its 8 bytes; it would be no pointer any more.`;
  },
  advice: ({ match: [, what] }) =>
    what === "caller"
      ? "Let the caller own the variable, and give the function its address."
      : "Keep pointers in variables of a pointer type or of 64 bits, not of int or __u32, and do not reach into them with casts or unions.",
  rules: ["cut-pointer"],
  examples: [
    { text: "invalid size of register spill", from: "4.18 to 7.2" },
    { text: "invalid size of register fill", from: "5.3 to 7.2, and stable releases of 4.19" },
    { text: "corrupted spill memory", from: "4.18 to 5.15" },
    { text: "attempt to corrupt spilled pointer on stack", from: "4.18 to 7.2" },
    { text: "cannot spill pointers to stack into stack frame of the caller", from: "4.18 to 7.2" },
  ],
};
