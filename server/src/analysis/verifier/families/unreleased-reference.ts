/** Family: something that was taken and is not given back on every path. */

import type { Family } from "../family.ts";
import { referenceWasTaken } from "../story/reference.ts";

export const unreleasedReference: Family = {
  id: "unreleased-reference",
  title: "Not given back on every path",
  class: "source",
  by: "verifier",
  said: [
    /^Unreleased reference id=(\d+) alloc_insn=(\d+)/,
    /^(BPF_EXIT instruction in \S+(?: prog)?|tail_call|bpf_throw|BPF_LD_\[ABS\|IND\]) would lead to reference leak/,
    /^(BPF_LD_\[ABS\|IND\]) cannot be mixed with socket references/,
    /^Leaking reference id=(\d+) alloc_insn=(\d+)\. Release it first/,
  ],
  meaning: ({ match }) => {
    if (match[1]?.startsWith("tail_call"))
      return "A tail call does not come back, and what this program took would never be given back.";
    if (match[1]?.startsWith("BPF_LD"))
      return "Reading the packet this way may leave the program, and what it took would never be given back.";
    if (match[0].startsWith("Leaking"))
      return "The variable that holds what was taken is overwritten, and then nobody can give it back.";
    return "There is a way through the program on which what was taken here is not given back: a reserved piece of a ring buffer, a socket, a task, an iterator, an object.";
  },
  advice:
    "Give it back before every return, also in the branches for errors: bpf_ringbuf_submit() or bpf_ringbuf_discard(), bpf_sk_release(), the destroy or release function that belongs to it.",
  rules: ["unreleased-reference"],
  story: (found) => {
    const { match } = found;
    return match[2] === undefined ? [] : referenceWasTaken(found, Number(match[1]), Number(match[2]));
  },
  examples: [
    { text: "Unreleased reference id=3 alloc_insn=10", from: "4.20 to 7.2" },
    { text: "BPF_EXIT instruction in main prog would lead to reference leak", from: "6.13 to 7.2" },
    { text: "tail_call would lead to reference leak", from: "4.20 to 7.2" },
    { text: "BPF_LD_[ABS|IND] cannot be mixed with socket references", from: "4.20 to 6.12" },
    { text: "Leaking reference id=2 alloc_insn=5. Release it first.", from: "7.2" },
  ],
};
