/** Family: a call that may sleep where a lock is held, or preemption or interrupts are off. */

import type { Family } from "../family.ts";

export const sleepingInRegion: Family = {
  id: "sleeping-in-region",
  title: "Call may sleep inside a section that must not wait",
  class: "source",
  by: "verifier",
  said: [
    /^sleepable helper (\w+)#\d+ in (rcu_read_lock region|non-preemptible region|IRQ-disabled region|lock region)/,
    /^kernel func (\w+) is sleepable within (rcu_read_lock region|non-preemptible region|IRQ-disabled region|lock region)/,
    /^sleepable global function (\w+)\(\) called in (rcu_read_lock region|non-preemptible region|IRQ-disabled region|lock region)/,
  ],
  meaning: ({ match }) => `${match[1]}() may wait, and it is called ${region(match[2])}, where nothing may wait.`,
  advice: "Leave the section before the call, on every path that leads to it, and enter it again afterwards.",
  rules: ["sleep-in-section"],
  examples: [
    { text: "sleepable helper bpf_copy_from_user#148 in rcu_read_lock region", from: "6.2 to 7.2" },
    { text: "kernel func bpf_iter_task_vma_new is sleepable within non-preemptible region", from: "6.10 to 7.2" },
    { text: "sleepable helper bpf_copy_from_user#148 in IRQ-disabled region", from: "6.14 to 7.2" },
    { text: "sleepable global function slow() called in lock region", from: "7.1 and 7.2" },
  ],
};

function region(name = ""): string {
  if (name.startsWith("rcu")) return "between bpf_rcu_read_lock() and bpf_rcu_read_unlock()";
  if (name.startsWith("non")) return "between bpf_preempt_disable() and bpf_preempt_enable()";
  if (name.startsWith("IRQ")) return "while interrupts are off (bpf_local_irq_save())";
  return "while a spin lock is held";
}
