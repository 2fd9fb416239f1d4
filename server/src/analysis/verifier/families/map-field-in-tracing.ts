/** Family: a field of a map's value that this type of program may not have around. */

import type { Family } from "../family.ts";

export const mapFieldInTracing: Family = {
  id: "map-field-in-tracing",
  title: "Map holds something this kind of program cannot use",
  class: "source",
  by: "verifier",
  said: [
    /^(tracing|socket filter) progs cannot use (bpf_spin_lock|bpf_timer|bpf_wq|bpf_list_head|bpf_\{list_head,rb_root\}) yet/,
    /^(sleepable) progs cannot use (bpf_spin_lock) yet/,
    /^(\w+) cannot be used in tracing programs on types with NMI unsafe fields/,
  ],
  meaning: ({ match }) =>
    match[2] === undefined
      ? "A tracing program may interrupt anything, even while the field of this value is being changed."
      : `The value of a map that is used here has a ${match[2].replace(/^bpf_\{(.*)\}$/, "list or tree")} in it. ${match[1] === "tracing" ? "Tracing programs may interrupt the very code that holds it" : `A ${match[1]} program may not use such a map`}, even if it does not touch that field.`,
  advice: ({ match }) =>
    match[2] === "bpf_timer" || match[2] === "bpf_wq"
      ? 'Take the map to a program of another type, such as SEC("syscall") or an XDP or tc program; tracing programs may use timers from 7.0 on.'
      : "Split the value in two maps, or use atomics (__sync_fetch_and_add) or a per-CPU map instead of the lock.",
  rules: ["map-field-in-tracing"],
  examples: [
    { text: "tracing progs cannot use bpf_spin_lock yet", from: "5.1 to 7.2" },
    { text: "socket filter progs cannot use bpf_spin_lock yet", from: "5.11 to 7.2" },
    { text: "tracing progs cannot use bpf_timer yet", from: "5.15 to 6.19" },
    { text: "tracing progs cannot use bpf_{list_head,rb_root} yet", from: "6.3 to 7.2" },
    { text: "sleepable progs cannot use bpf_spin_lock yet", from: "5.11 to 6.5" },
    { text: "bpf_list_push_back cannot be used in tracing programs on types with NMI unsafe fields", from: "7.2" },
  ],
};
