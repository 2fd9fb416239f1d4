/** Family: an RCU read section that is not left on every path. */

import type { Family } from "../family.ts";
import { lockWasTaken, RCU } from "../story/lock.ts";

export const rcuNotLeft: Family = {
  id: "rcu-not-left",
  title: "RCU section is not left on every path",
  class: "source",
  by: "verifier",
  said: [/^bpf_rcu_read_unlock is missing/, /^(.+) cannot be used inside bpf_rcu_read_lock-ed region/],
  meaning: ({ match }) =>
    match[1] === undefined || match[1].startsWith("BPF_EXIT")
      ? "There is a way out on which bpf_rcu_read_lock() was called and bpf_rcu_read_unlock() was not."
      : `${match[1]} may leave the program, and the section is still open here.`,
  advice: "Call bpf_rcu_read_unlock() before every return that comes after bpf_rcu_read_lock().",
  story: (found) => lockWasTaken(found, RCU),
  rules: ["unreleased-lock"],
  examples: [
    { text: "bpf_rcu_read_unlock is missing", from: "6.2 to 6.12" },
    {
      text: "BPF_EXIT instruction in main prog cannot be used inside bpf_rcu_read_lock-ed region",
      from: "6.13 to 7.2",
    },
  ],
};
