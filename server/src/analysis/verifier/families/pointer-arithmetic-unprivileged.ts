/** Calculation with pointers that processors may go wrong with, in programs without rights. */

import type { Family } from "../family.ts";

export const pointerArithmeticUnprivileged: Family = {
  id: "pointer-arithmetic-unprivileged",
  title: "Calculation that needs more rights",
  class: "environment",
  by: "verifier",
  said: [
    /^(R\d+) has unknown scalar with mixed signed bounds/,
    /^(R\d+) tried to (?:add|sub) from different (?:maps|pointers)/,
    /^(R\d+) tried to (?:add|sub) beyond pointer bounds/,
    /^(R\d+) could not be pushed for speculative verification/,
    /^(R\d+) stack pointer arithmetic goes out of range, prohibited for !root/,
    /^(R\d+) pointer arithmetic of map value goes out of range, prohibited for !root/,
    /^(R\d+)(?: indirect)?(?: [a-z]+)? ?variable (?:offset )?stack access prohibited for !root/,
    /^(uninit) stack in range of var-offset write prohibited for !root/,
  ],
  meaning:
    "A pointer is calculated with in a way that processors may go wrong with while they speculate. Programs loaded with CAP_PERFMON (before 5.8: CAP_SYS_ADMIN) may do that; this one was loaded without.",
  advice:
    "Load it as root or with CAP_BPF and CAP_PERFMON. Without them, keep indexes unsigned, and test each just before it is added to a constant base.",
  examples: [
    {
      text: "R1 has unknown scalar with mixed signed bounds, pointer arithmetic with it prohibited for !root",
      from: "4.19 to 7.2",
    },
    {
      text: "R0 tried to add from different maps, paths or scalars, pointer arithmetic with it prohibited for !root",
      from: "5.12 to 7.2, and stable releases of 4.19 and 5.10",
    },
    { text: "R0 tried to sub from different pointers or scalars", from: "5.0 to 5.11" },
    {
      text: "R0 tried to add beyond pointer bounds, pointer arithmetic with it prohibited for !root",
      from: "5.12 to 7.2, and stable releases of 4.19 and 5.10",
    },
    {
      text: "R2 could not be pushed for speculative verification, pointer arithmetic with it prohibited for !root",
      from: "5.12 to 7.2, and stable releases of 4.19 and 5.10",
    },
    { text: "R2 stack pointer arithmetic goes out of range, prohibited for !root; off=0", from: "4.19 to 7.2" },
    { text: "R0 pointer arithmetic of map value goes out of range, prohibited for !root", from: "4.19 to 7.2" },
    { text: "R2 variable stack access prohibited for !root, var_off=(0x0; 0x7) off=-16", from: "5.12 to 7.2" },
    { text: "R2 indirect variable offset stack access prohibited for !root, var_off=(0x0; 0x7)", from: "5.2 to 6.13" },
    { text: "R2 variable offset stack access prohibited for !root, var_off=(0x0; 0x7)", from: "5.12 to 7.2" },
    { text: "uninit stack in range of var-offset write prohibited for !root; insn 5, off: -16", from: "5.12 to 7.2" },
  ],
};
