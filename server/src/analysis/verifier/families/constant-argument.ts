/** Family: an argument that must be a constant. */

import type { Family } from "../family.ts";

export const constantArgument: Family = {
  id: "constant-argument",
  title: "Argument must be a constant",
  class: "source",
  by: "verifier",
  said: [
    /^(R\d+|arg#\d+|\*\(R11-\d+\)) must be a known constant/,
    /^(R\d+|arg#\d+|\*\(R11-\d+\)) is not a (?:const|known constant')$/,
    /^(R\d+) rdonly\/rdwr_buf_size exceeds u32 max/,
    /^local type ID argument must be in range/,
  ],
  meaning:
    "The verifier must know this value when the program is loaded, a size or a flag for example, and on this path it is a variable, if only because the compiler carried it in one.",
  advice:
    "Write the number or sizeof() at the call itself; if it comes from a parameter of your own function, make that function __always_inline.",
  rules: ["object-not-a-struct", "size-not-constant"],
  examples: [
    { text: "R4 must be a known constant", from: "6.2 to 7.1" },
    { text: "R3 is not a const", from: "6.1 to 7.1" },
    { text: "R4 rdonly/rdwr_buf_size exceeds u32 max", from: "7.2, and stable releases of 6.1 and 6.12" },
    { text: "local type ID argument must be in range [0, U32_MAX]", from: "6.2 to 7.2" },
  ],
};
