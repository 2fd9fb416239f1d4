/** Family: a helper that is only for some places of the kernel. */

import type { Family } from "../family.ts";

export const helperNotAtHook: Family = {
  id: "helper-not-at-hook",
  title: "Helper is not allowed at this hook",
  class: "source",
  by: "verifier",
  said: [/^helper call is not allowed in probe/],
  meaning:
    "Programs of this type may call the helper, but only from some functions of the kernel, and the one that this program is attached to is not among them. bpf_d_path() is the usual case: it takes locks, and has a list of functions from which that is safe.",
  advice:
    "Attach to one of the allowed functions (for bpf_d_path(): security_file_open, vfs_getattr, filp_close and a few more), an LSM hook that may sleep, or an iterator, or walk the structures with BPF_CORE_READ().",
  rules: ["call-not-at-hook"],
  examples: [{ text: "helper call is not allowed in probe", from: "5.10 to 7.2" }],
};
