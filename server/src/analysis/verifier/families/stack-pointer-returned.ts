/** The address of a local variable as the result of a function. */

import type { Family } from "../family.ts";

export const stackPointerReturned: Family = {
  id: "stack-pointer-returned",
  title: "Address of a local variable is returned",
  class: "source",
  by: "verifier",
  said: [/^cannot return stack pointer to the caller/],
  meaning: "A function returns the address of something on its own stack, which is gone when it has returned.",
  advice: "Let the caller own the variable and give the function its address, or return the value itself.",
  rules: ["bad-return-value"],
  examples: [{ text: "cannot return stack pointer to the caller", from: "4.18 to 7.2" }],
};
