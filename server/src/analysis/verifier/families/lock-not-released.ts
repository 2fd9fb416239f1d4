/** Family: a spin lock that is still held where it must not be. */

import type { Family } from "../family.ts";
import { lockWasTaken } from "../story/lock.ts";

export const lockNotReleased: Family = {
  id: "lock-not-released",
  title: "Spin lock is still held",
  class: "source",
  by: "verifier",
  said: [/^bpf_spin_unlock is missing/, /^(.+) cannot be used inside bpf_spin_lock-ed region/],
  meaning: ({ match }) =>
    match[1] === undefined || match[1].startsWith("BPF_EXIT")
      ? "There is a way out of the program, or of the function, on which the lock is not given back."
      : `${match[1]} may leave the program, and the lock is held here.`,
  advice:
    "Call bpf_spin_unlock() on every way out: put the work between lock and unlock into straight lines, and return only afterwards.",
  story: (found) => lockWasTaken(found),
  rules: ["unreleased-lock"],
  examples: [
    { text: "bpf_spin_unlock is missing", from: "5.1 to 6.12" },
    { text: "BPF_EXIT instruction in main prog cannot be used inside bpf_spin_lock-ed region", from: "6.13 to 7.2" },
  ],
};
