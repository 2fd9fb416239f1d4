/** Family: a type of program that must be GPL compatible. */

import type { Family } from "../family.ts";

export const gplOnlyProgram: Family = {
  id: "gpl-only-program",
  title: "This kind of program must be GPL compatible",
  class: "source",
  by: "verifier",
  said: [/^(LSM|struct ops) programs must have a GPL compatible license/],
  meaning: ({ match }) =>
    `The kernel takes ${match[1] === "LSM" ? "LSM" : "struct_ops"} programs only under a licence that is compatible with the GPL, and the object says another one, or none.`,
  advice: 'If the code may be under it, say so: char LICENSE[] SEC("license") = "GPL";',
  rules: ["gpl-only-helper", "missing-licence", "misspelled-licence"],
  examples: [
    { text: "LSM programs must have a GPL compatible license", from: "5.7 to 7.2" },
    { text: "struct ops programs must have a GPL compatible license", from: "5.10 to 7.2" },
  ],
};
