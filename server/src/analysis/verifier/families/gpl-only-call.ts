/** Family: something that is for GPL compatible programs alone. */

import type { Family } from "../family.ts";

export const gplOnlyCall: Family = {
  id: "gpl-only-call",
  title: "For GPL compatible programs only",
  class: "source",
  by: "verifier",
  said: [
    /^cannot call (GPL-restricted function|kernel function) from non-GPL compatible program/,
    /^cannot call (GPL only function) from proprietary program/,
    /^Cannot access (kernel 'struct \w+') from non-GPL compatible program/,
  ],
  meaning: ({ match }) =>
    `${match[1]?.startsWith("kernel function") ? "Every kernel function (kfunc) is" : match[1]?.startsWith("kernel 'struct") ? "Memory of the kernel that is read by its type is" : "This helper is"} only for programs whose licence is compatible with the GPL, and the object says another one, or none.`,
  advice:
    'If the code may be under it, say so: char LICENSE[] SEC("license") = "GPL"; "Dual BSD/GPL", "Dual MIT/GPL" and "GPL v2" count as well.',
  rules: ["gpl-only-helper", "missing-licence", "misspelled-licence"],
  examples: [
    { text: "cannot call GPL-restricted function from non-GPL compatible program", from: "4.18 to 7.2" },
    { text: "cannot call kernel function from non-GPL compatible program", from: "5.13 to 7.2" },
    { text: "cannot call GPL only function from proprietary program", from: "before 4.18" },
    { text: "Cannot access kernel 'struct task_struct' from non-GPL compatible program", from: "6.2 to 7.2" },
  ],
};
