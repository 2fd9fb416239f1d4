/** A format that bpf_snprintf() does not take. */

import type { Family } from "../family.ts";

export const formatString: Family = {
  id: "format-string",
  title: "Format is not understood",
  class: "source",
  by: "verifier",
  said: [/^Invalid format string$/],
  meaning:
    "The format of bpf_snprintf() is checked when the program is loaded: it has something that the kernel does not print for programs, or more of it than there are values.",
  advice:
    "Use %d, %u, %x and their long forms (%ld, %llu, …), %c, %s with a pointer to a string of the kernel or, as %pks and %pus, one of the kernel or of user space, %p and %pi4 or %pi6; one value of 8 bytes for each in the array, and the size of the array as the last argument.",
  rules: ["printk-format"],
  examples: [{ text: "Invalid format string", from: "5.13 to 7.2" }],
};
