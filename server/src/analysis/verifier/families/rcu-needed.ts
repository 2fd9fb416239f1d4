/** Family: something that may be used only between bpf_rcu_read_lock() and bpf_rcu_read_unlock(). */

import type { Family } from "../family.ts";

export const rcuNeeded: Family = {
  id: "rcu-needed",
  title: "Only inside an RCU section",
  class: "source",
  by: "verifier",
  said: [/^expected an RCU CS when using (\w+)/, /^kernel func (\w+) requires RCU critical section protection/],
  meaning: ({ match }) =>
    `${match[1]}() walks structures that may vanish meanwhile. A program that may sleep must say how long it needs them; and an iterator must stay inside one section.`,
  advice:
    "Enclose it in bpf_rcu_read_lock(); … bpf_rcu_read_unlock(); from before the first step until after the last.",
  rules: ["outside-rcu-section"],
  examples: [
    { text: "expected an RCU CS when using bpf_iter_task_next", from: "6.7 to 7.2" },
    { text: "kernel func bpf_iter_task_new requires RCU critical section protection", from: "6.18 to 7.2" },
  ],
};
