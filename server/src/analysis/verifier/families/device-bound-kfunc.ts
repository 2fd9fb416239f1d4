/** Family: a kernel function that reads what only one network device knows. */

import type { Family } from "../family.ts";

export const deviceBoundKfunc: Family = {
  id: "device-bound-kfunc",
  title: "Kernel function needs a program bound to a device",
  class: "environment",
  by: "verifier",
  said: [/^metadata kfuncs (require device-bound program|can't be offloaded)/, /^Target program bound device mismatch/],
  meaning:
    "What the network card knows of a packet (its time, hash, VLAN) can be asked only by a program that was loaded for that very device.",
  advice:
    "Before loading: bpf_program__set_ifindex() with the flag BPF_F_XDP_DEV_BOUND_ONLY, and attach it to that device.",
  examples: [
    { text: "metadata kfuncs require device-bound program", from: "6.3 to 7.2" },
    { text: "Target program bound device mismatch", from: "6.3 to 7.2" },
  ],
};
