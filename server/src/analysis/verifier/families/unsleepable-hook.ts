/** Family: a program that wants to sleep where it may not. */

import type { Family } from "../family.ts";

export const unsleepableHook: Family = {
  id: "unsleepable-hook",
  title: "Program may not sleep at this hook",
  class: "source",
  by: "verifier",
  said: [
    /^(\S+) is not sleepable/,
    /^Only fentry\/fexit.+ (?:and \S+ )?programs can be sleepable/,
    /^Program of this type cannot be sleepable/,
    /^Syscall programs can only be sleepable/,
    /^BPF_LSM_CGROUP programs cannot be sleepable/,
    /^Sleepable program cannot attach to non-faultable tracepoint (\S+)/,
  ],
  meaning: ({ match }) => {
    if (match[0].startsWith("Syscall"))
      return "Programs for the bpf() system call always may sleep, and this one was loaded without saying so.";
    return match[1] === undefined
      ? "The section asks for a program that may sleep, and programs of this type never may."
      : `The section asks for a program that may sleep, and the kernel does not list ${match[1]} among the places where one may: most security hooks, system calls, and functions that were made for error injection.`;
  },
  advice: ({ match }) =>
    match[0].startsWith("Syscall")
      ? 'Load it with a loader that sets BPF_F_SLEEPABLE for SEC("syscall"), as libbpf 0.5 and later do.'
      : 'Leave ".s" out of the section; or attach to one of those places.',
  rules: ["unsleepable-section"],
  examples: [
    { text: "bpf_fentry_test1 is not sleepable", from: "5.10 to 7.2" },
    {
      text: "Only fentry/fexit/fmod_ret, lsm, iter, uprobe, and struct_ops programs can be sleepable",
      from: "6.3 to 7.0",
    },
    { text: "Program of this type cannot be sleepable", from: "7.2" },
    { text: "Syscall programs can only be sleepable", from: "5.14 to 7.2" },
    { text: "BPF_LSM_CGROUP programs cannot be sleepable", from: "6.1" },
    { text: "Sleepable program cannot attach to non-faultable tracepoint sched_switch", from: "7.2" },
  ],
};
