/** An access beyond a buffer that the kernel hands to a program. */

import type { Family } from "../family.ts";

export const bufferOutOfBounds: Family = {
  id: "buffer-out-of-bounds",
  title: "Access beyond the buffer",
  class: "source",
  by: "verifier",
  said: [
    /^(R\d+) invalid (\w+) buffer access: off=(-?\d+), size=(\d+)/,
    /^(R\d+) invalid variable buffer offset: off=(-?\d+), var_off=(.*)/,
    /^(R\d+) invalid negative \w+ buffer offset: off=(-?\d+), var_off=(.*)/,
  ],
  meaning: ({ match }) => {
    if (match[0].includes("variable"))
      return "This buffer of the kernel may be used only at constant offsets; here the offset is known only when the program runs.";
    if (match[0].includes("negative")) return "The access lies before the beginning of the buffer.";
    const off = Number(match[3]);
    return off < 0
      ? `The access lies before the beginning of the buffer, at offset ${off}.`
      : `${match[4]} bytes at offset ${off} are more than this buffer of the kernel has.`;
  },
  advice:
    "Use constant offsets, inside of what the kernel gives: a writable tracepoint or an iterator says how large its buffer is.",
  rules: ["access-out-of-bounds"],
  examples: [
    { text: "R6 invalid tracepoint buffer access: off=-8, size=8", from: "5.2 to 7.1" },
    { text: "R1 invalid rdonly buffer access: off=-4, size=4", from: "5.8 to 7.1" },
    { text: "R6 invalid variable buffer offset: off=0, var_off=(0x0; 0xff)", from: "5.2 to 7.2" },
    { text: "R1 invalid negative rdonly buffer offset: off=0, var_off=-8", from: "7.2" },
  ],
};
