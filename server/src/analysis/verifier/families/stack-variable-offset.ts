/** The stack at a place that is known only when the program runs. */

import type { Family } from "../family.ts";

export const stackVariableOffset: Family = {
  id: "stack-variable-offset",
  title: "Index into the stack is not bounded",
  class: "source",
  by: "verifier",
  said: [
    /^invalid unbounded variable-offset(?: [a-z]+)* stack (R\d+)/,
    /^(R\d+) unbounded indirect variable offset stack access/,
    /^variable stack access var_off=(.*) off=(-?\d+) size=(\d+)/,
    /^invalid variable stack read (R\d+) var_off=/,
    /^variable offset stack pointer cannot be passed into helper function; var_off=/,
    /^spilled ptr in range of var-offset stack write; insn (\d+)/,
    /^insn (\d+) cannot access two stack slots fp(-?\d+) and fp(-?\d+)/,
  ],
  meaning: ({ match: [whole] }) => {
    if (whole.startsWith("spilled"))
      return "An array on the stack is written at an index that is known only when the program runs, and the range of places has a pointer in it, which the write might destroy.";
    if (whole.startsWith("insn"))
      return "With the numbers that an index has on different paths, one access means two places on the stack. This kernel takes only one.";
    if (whole.startsWith("variable stack") || whole.startsWith("invalid variable"))
      return "An array on the stack is used at an index that is known only when the program runs. Kernels before 5.12 do not take that: the place on the stack must be constant.";
    if (whole.startsWith("variable offset"))
      return "What is read here lies on the stack at a place that is known only when the program runs, and a pointer is stored in that range.";
    return "An array on the stack is used at an index that nothing on this path bounds.";
  },
  advice:
    "Test the index just before it is used: unsigned, and less than the number of elements; with a power of two i &= N - 1. For older kernels keep the array in a map.",
  rules: ["unbounded-index"],
  examples: [
    { text: "invalid unbounded variable-offset write to stack R2", from: "5.12 to 7.2" },
    { text: "invalid unbounded variable-offset indirect access to stack R2", from: "5.12 to 6.13" },
    { text: "R2 unbounded indirect variable offset stack access", from: "5.2 to 5.11" },
    { text: "variable stack access var_off=(0xfffffffffffffff0; 0xf) off=-16 size=1", from: "4.18 to 5.11" },
    { text: "invalid variable stack read R2 var_off=(0x0; 0xff)", from: "4.18 to 5.1" },
    {
      text: "variable offset stack pointer cannot be passed into helper function; var_off=(0x0; 0x7) off=-16 size=8",
      from: "5.12 to 7.2",
    },
    { text: "spilled ptr in range of var-offset stack write; insn 12, ptr off: -16", from: "5.12 to 7.2" },
    { text: "insn 4 cannot access two stack slots fp-8 and fp-16", from: "4.18 to 5.12" },
  ],
};
