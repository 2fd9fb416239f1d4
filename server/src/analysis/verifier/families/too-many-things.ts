/** Family: more of something than one program may have. */

import type { Family } from "../family.ts";

export const tooManyThings: Family = {
  id: "too-many-things",
  title: "More than one program may have",
  class: "limit",
  by: "verifier",
  said: [
    /^too many (subprograms|different kernel function calls|different module BTFs)/,
    /^The total number of (maps|btfs) per program has reached the limit of (\d+)/,
    /^insn (\d+) cannot be patched due to 16-bit range/,
    /^fd_array has too many entries|^fd_array_cnt is too big/,
  ],
  meaning: ({ match }) => {
    if (match[2] !== undefined)
      return `One program can use ${match[2]} ${match[1] === "maps" ? "maps" : "sets of types (kernel modules)"}, and this one uses more.`;
    if (match[1] === "subprograms") return "A program may consist of 256 functions, and this one has more.";
    if (match[1] === "different kernel function calls")
      return "A program may call 256 different kernel functions, and this one calls more.";
    return "The program is longer, or uses more different things, than the kernel's format allows.";
  },
  advice: "Split it into several programs: with tail calls, or with a map-in-map instead of many maps.",
  examples: [
    { text: "too many subprograms", from: "4.18 to 7.2" },
    { text: "The total number of maps per program has reached the limit of 64", from: "6.10 to 7.2" },
    { text: "insn 4 cannot be patched due to 16-bit range", from: "5.2 to 7.2" },
    { text: "fd_array_cnt is too big (65)", from: "6.14 to 7.2" },
  ],
};
