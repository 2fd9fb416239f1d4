/** Family: more than five arguments, on the stack, not as the kernel wants them. */

import type { Family } from "../family.ts";

export const stackArguments: Family = {
  id: "stack-arguments",
  title: "Arguments on the stack are not right",
  class: "lowering",
  by: "verifier",
  said: [
    /^callee expects (\d+) args, stack arg(\d+) is not initialized/,
    /^invalid read from stack arg off (\d+) depth (\d+)/,
    /^stack arg write offset (\d+) exceeds max (\d+) stack args/,
    /^func#(\d+) writes (\d+) stack arg slots, but calls only require (\d+)/,
    /^r11 load must be before any r11 store or call insn/,
  ],
  meaning:
    "The function has more than five arguments; the rest is passed on the stack, and what the callers put there is not what the function reads.",
  advice: "Pass a pointer to a struct instead of many arguments.",
  examples: [
    { text: "callee expects 7 args, stack arg2 is not initialized", from: "7.2" },
    { text: "invalid read from stack arg off 16 depth 8", from: "7.2" },
    { text: "stack arg write offset 64 exceeds max 7 stack args", from: "7.2" },
    { text: "func#1 writes 3 stack arg slots, but calls only require 2", from: "7.2" },
    { text: "r11 load must be before any r11 store or call insn", from: "7.2" },
  ],
};
