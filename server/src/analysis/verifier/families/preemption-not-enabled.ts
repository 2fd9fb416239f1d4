/** Family: preemption that is not switched on again. */

import type { Family } from "../family.ts";
import { lockWasTaken, PREEMPTION } from "../story/lock.ts";

export const preemptionNotEnabled: Family = {
  id: "preemption-not-enabled",
  title: "Preemption stays off",
  class: "source",
  by: "verifier",
  said: [
    /^(\d+) bpf_preempt_enable\S* .*missing/,
    /^(.+) cannot be used inside bpf_preempt_disable-ed region/,
    /^unmatched attempt to enable preemption \(kernel function (\w+)\)/,
    /^global function calls are not allowed with preemption disabled/,
  ],
  meaning: ({ match }) => {
    if (match[0].startsWith("unmatched"))
      return "Preemption is on already on this path: bpf_preempt_enable() has nothing to undo.";
    if (match[0].startsWith("global"))
      return "A global function is looked at on its own, so that the verifier cannot know what it does while preemption is off.";
    return "There is a way out of the program on which preemption was switched off and not on again.";
  },
  advice: ({ match }) =>
    match[0].startsWith("global")
      ? "Make the function static, or call it outside of the section."
      : "Pair each bpf_preempt_disable() with one bpf_preempt_enable(), on every path, also before each return.",
  story: (found) => lockWasTaken(found, PREEMPTION),
  rules: ["unreleased-lock", "wrong-unlock"],
  examples: [
    { text: "1 bpf_preempt_enable is missing", from: "6.10 to 6.12" },
    {
      text: "BPF_EXIT instruction in main prog cannot be used inside bpf_preempt_disable-ed region",
      from: "6.13 to 7.2",
    },
    { text: "unmatched attempt to enable preemption (kernel function bpf_preempt_enable)", from: "6.10 to 7.2" },
    { text: "global function calls are not allowed with preemption disabled,", from: "6.10 to 6.16" },
  ],
};
