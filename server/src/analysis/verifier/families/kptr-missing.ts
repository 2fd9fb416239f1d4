/** Family: bpf_kptr_xchg() on something that is no kptr. */

import type { Family } from "../family.ts";
import { valueCameFrom } from "../story/value.ts";

export const kptrMissing: Family = {
  id: "kptr-missing",
  title: "There is no kptr at this place",
  class: "source",
  by: "verifier",
  said: [
    /^R\d+ has no valid kptr/,
    /^map '([^']*)' has no valid kptr/,
    /^off=(\d+) doesn't point to kptr/,
    /^arg#0 no referenced kptr at map value offset=(\d+)/,
    /^off=(\d+) kptr isn't referenced kptr/,
    /^\S+ doesn't have constant offset\. kptr has to be at the constant offset/,
  ],
  meaning: ({ match }) =>
    match[0].includes("isn't referenced")
      ? "The field is a __kptr_untrusted pointer, which owns nothing, and bpf_kptr_xchg() is for those that own."
      : "bpf_kptr_xchg() needs the address of a pointer with __kptr in the value of a map or in an allocated object. The kernel sees none here: the field has no __kptr, the struct it points to is only forward-declared in this file, or the compiler is too old to write such a mark (clang before 15).",
  advice:
    "Declare the field as struct task_struct __kptr *task; let the struct be defined (vmlinux.h), and build with clang 15 or later.",
  story: (found) => valueCameFrom(found, "R1"),
  rules: ["forward-declared-kptr", "misplaced-field"],
  examples: [
    { text: "R1 has no valid kptr", from: "6.12 to 7.2" },
    { text: "map 'tasks' has no valid kptr", from: "5.19 to 6.11" },
    { text: "off=8 doesn't point to kptr", from: "5.19 to 7.2" },
    { text: "arg#0 no referenced kptr at map value offset=8", from: "5.19 to 6.3" },
    { text: "off=8 kptr isn't referenced kptr", from: "5.19 to 7.2" },
    { text: "R1 doesn't have constant offset. kptr has to be at the constant offset", from: "5.19 to 7.2" },
  ],
};
