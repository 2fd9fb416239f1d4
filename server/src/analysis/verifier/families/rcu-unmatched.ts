/** Family: an RCU read section that is left without having been entered, or entered twice. */

import type { Family } from "../family.ts";

export const rcuUnmatched: Family = {
  id: "rcu-unmatched",
  title: "RCU lock and unlock do not pair",
  class: "source",
  by: "verifier",
  said: [/^unmatched rcu read unlock \(kernel function (\w+)\)/, /^nested rcu read lock \(kernel function (\w+)\)/],
  meaning: ({ match }) =>
    match[0].startsWith("nested")
      ? "A section is open already on this path; before 6.19 there can be only one at a time."
      : "No section is open on this path: bpf_rcu_read_unlock() has nothing to close.",
  advice: "Pair each bpf_rcu_read_lock() with one bpf_rcu_read_unlock(), on every path.",
  rules: ["wrong-unlock"],
  examples: [
    { text: "unmatched rcu read unlock (kernel function bpf_rcu_read_unlock)", from: "6.2 to 7.2" },
    { text: "nested rcu read lock (kernel function bpf_rcu_read_lock)", from: "6.2 to 6.18" },
  ],
};
