/** Family: a call that may sleep, in a program that may not. */

import type { Family } from "../family.ts";

export const sleepingCall: Family = {
  id: "sleeping-call",
  title: "Call may sleep, the program may not",
  class: "source",
  by: "verifier",
  said: [
    /^helper call might sleep in a non-sleepable prog/,
    /^sleepable helper (\w+)#\d+ in non-sleepable prog/,
    /^program must be sleepable to call sleepable kfunc (\w+)/,
    /^kernel function (\w+) is sleepable but the program is not/,
    /^kernel func (\w+) is sleepable within non-sleepable prog/,
    /^global functions that may sleep are not allowed in non-sleepable context/,
    /^sleepable global function (\w+)\(\) called in non-sleepable prog/,
  ],
  meaning: ({ match }) =>
    `${match[1] === undefined ? "What is called here" : `${match[1]}()`} may wait, for a page of memory for example. This program runs where waiting is not possible.`,
  advice:
    'Attach where it may sleep, with ".s" in the section (SEC("fentry.s/…"), "lsm.s/…", "uprobe.s/…", "iter.s/…") or in SEC("syscall"); or call what never waits, such as bpf_probe_read_user() for bpf_copy_from_user().',
  rules: ["sleeping-call", "sleep-in-section", "helper-not-allowed"],
  examples: [
    { text: "helper call might sleep in a non-sleepable prog", from: "6.1 to 7.0" },
    { text: "sleepable helper bpf_copy_from_user#148 in non-sleepable prog", from: "7.1 and 7.2" },
    { text: "program must be sleepable to call sleepable kfunc bpf_iter_task_vma_new", from: "6.2 to 7.2" },
    { text: "kernel function bpf_kfunc is sleepable but the program is not", from: "6.1" },
    { text: "global functions that may sleep are not allowed in non-sleepable context,", from: "6.17 to 7.0" },
    { text: "sleepable global function slow() called in non-sleepable prog", from: "7.1 and 7.2" },
    { text: "kernel func bpf_iter_task_vma_new is sleepable within non-sleepable prog", from: "7.1 and 7.2" },
  ],
};
