/** Family: interrupts that are switched off and not restored in order. */

import type { Family } from "../family.ts";
import { INTERRUPTS, lockWasTaken } from "../story/lock.ts";

export const interruptsNotRestored: Family = {
  id: "interrupts-not-restored",
  title: "Interrupts are not restored as they were saved",
  class: "source",
  by: "verifier",
  said: [
    /^(.+) cannot be used inside bpf_local_irq_save-ed region/,
    /^(?:arg#\d+|R\d+) doesn't point to an irq flag on stack/,
    /^expected an initialized irq flag as (?:arg#\d+|R\d+)/,
    /^expected uninitialized irq flag as (?:arg#\d+|R\d+)/,
    /^cannot restore irq state out of order/,
    /^irq flag acquired by (.+) kfuncs cannot be restored with (.+) kfuncs/,
    /^global function calls are not allowed with IRQs disabled/,
  ],
  meaning: ({ match: { 0: all } }) => {
    if (all.includes("out of order")) return "What was saved last must be restored first.";
    if (all.includes("acquired by"))
      return "The flags were saved by one pair of functions and are restored by another.";
    if (all.includes("on stack"))
      return "The flags must be kept in a local variable, whose address is passed: unsigned long flags; bpf_local_irq_save(&flags);";
    if (all.includes("uninitialized")) return "This variable holds saved flags already, and would lose them.";
    if (all.includes("initialized"))
      return "The variable holds no saved flags on this path: none were saved, or they were restored already.";
    if (all.startsWith("global"))
      return "A global function is looked at on its own, so that the verifier cannot know what it does while interrupts are off.";
    return "There is a way out of the program on which interrupts were switched off and not restored.";
  },
  advice:
    "Pair each bpf_local_irq_save(&flags) with one bpf_local_irq_restore(&flags) of the same variable, in the opposite order, before each return.",
  story: (found) => lockWasTaken(found, INTERRUPTS),
  rules: ["unreleased-lock", "wrong-unlock"],
  examples: [
    {
      text: "BPF_EXIT instruction in main prog cannot be used inside bpf_local_irq_save-ed region",
      from: "6.14 to 7.2",
    },
    { text: "arg#0 doesn't point to an irq flag on stack", from: "6.14 to 7.1" },
    { text: "expected an initialized irq flag as arg#0", from: "6.14 to 7.1" },
    { text: "expected uninitialized irq flag as arg#0", from: "6.14 to 7.1" },
    { text: "cannot restore irq state out of order, expected id=2 acquired at insn_idx=5", from: "6.14 to 7.2" },
    {
      text: "irq flag acquired by bpf_local_irq_save kfuncs cannot be restored with bpf_res_spin_lock kfuncs",
      from: "6.15 to 7.2",
    },
    { text: "global function calls are not allowed with IRQs disabled,", from: "6.14 to 6.16" },
  ],
};
