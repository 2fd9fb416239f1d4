/** Family: a timer on a kernel for real time. */

import type { Family } from "../family.ts";

export const timerOnRealtimeKernel: Family = {
  id: "timer-on-realtime-kernel",
  title: "No timers on this kernel",
  class: "environment",
  by: "verifier",
  said: [/^bpf_timer cannot be used for PREEMPT_RT/],
  meaning: "The kernel was made for real time (PREEMPT_RT), and there timers of BPF would wait where nothing may wait.",
  advice: "Use a workqueue (struct bpf_wq, 6.10 and later), or let user space keep the time.",
  examples: [
    { text: "bpf_timer cannot be used for PREEMPT_RT.", from: "6.17 to 7.2, and stable releases of 6.1 and 6.12" },
  ],
};
