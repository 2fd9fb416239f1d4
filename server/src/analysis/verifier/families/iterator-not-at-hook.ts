/** Family: an iterator that only some programs may use. */

import type { Family } from "../family.ts";

export const iteratorNotAtHook: Family = {
  id: "iterator-not-at-hook",
  title: "Iterator is not for this kind of program",
  class: "source",
  by: "verifier",
  said: [/^css_task_iter is only allowed in bpf_lsm, bpf_iter and sleepable progs/],
  meaning: "Walking the tasks of a cgroup takes a lock that this program may have interrupted.",
  advice: 'Do it in an LSM program, in SEC("iter/…"), or in a program that may sleep.',
  rules: ["call-not-at-hook"],
  examples: [{ text: "css_task_iter is only allowed in bpf_lsm, bpf_iter and sleepable progs", from: "6.7 to 7.2" }],
};
