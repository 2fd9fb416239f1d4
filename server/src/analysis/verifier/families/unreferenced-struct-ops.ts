/** Family: a program of a structure that no structure names. */

import type { Family } from "../family.ts";

export const unreferencedStructOps: Family = {
  id: "unreferenced-struct-ops",
  title: "Program belongs to no structure",
  class: "source",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?prog '([^']+)': SEC\("struct_ops"\) program isn't referenced anywhere, did you forget to use it\?/,
    /^refused without a word: ENOTSUPP \(struct_ops\b/,
  ],
  meaning: ({ match }) =>
    `${match[1] === undefined ? "The program" : `${match[1]}()`} is for a structure of the kernel (struct_ops), and no variable in SEC(".struct_ops") has it as a member, so that its type is not known.`,
  advice: ({ match }) => `Give it to a member of the structure, (void *)${match[1] ?? "program"}, or remove it.`,
  rules: ["unreferenced-struct-ops"],
  examples: [
    {
      text: "libbpf: prog 'on_ack': SEC(\"struct_ops\") program isn't referenced anywhere, did you forget to use it?",
      from: "libbpf 1.3 and later",
    },
    {
      text: "refused without a word: ENOTSUPP (struct_ops, struct_ops/on_ack)",
      from: "5.10 to 7.2, with libbpf before 1.3",
    },
  ],
};
