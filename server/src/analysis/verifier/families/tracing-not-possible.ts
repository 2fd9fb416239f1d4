/** Family: a kernel that does not let its functions be traced or replaced by programs. */

import type { Family } from "../family.ts";

export const tracingNotPossible: Family = {
  id: "tracing-not-possible",
  title: "This kernel does not attach to its functions",
  class: "environment",
  by: "kernel",
  said: [/^refused without a word: (EPERM|ENOTSUPP|EOPNOTSUPP) \((tracing|lsm|extension)\b/],
  meaning: ({ match: { 1: error, 2: kind } }) =>
    error === "EPERM"
      ? `Programs of this kind (${kind === "lsm" ? "lsm" : kind === "extension" ? "freplace" : "fentry, fexit, fmod_ret"}) were refused before the verifier looked at them. Where programs of other types load, it is not for want of rights: the kernel was made so that nothing changes its code while it runs, or is locked down. What libbpf says then of ulimit -l does not help. Where nothing loads, the rights are missing.`
      : "Attaching at the entry of functions needs trampolines, which this kernel has not for its processor (arm64 has them since 6.0), or was made without.",
  advice:
    "Use a tracepoint (tp_btf, raw_tp) or a kprobe here; verify this program on another kernel, in a guest for example. If nothing loads at all: run as root, or with CAP_BPF and CAP_PERFMON.",
  rules: ["kprobe-where-fentry-fits"],
  examples: [
    {
      text: "refused without a word: EPERM (tracing, fentry/do_unlinkat)",
      from: "6.18 that was made without changing its code",
    },
    { text: "refused without a word: ENOTSUPP (lsm, lsm/file_open)", from: "kernels without trampolines" },
  ],
};
