/** Family: the kernel does not let this process load programs. */

import type { Family } from "../family.ts";

export const notPermitted: Family = {
  id: "not-permitted",
  title: "Not allowed to load programs",
  class: "environment",
  by: "kernel",
  said: [
    /^(?:libbpf: )?Error in \S+\(\): ?(?:Operation not permitted\(1\)|-EPERM)\. Couldn't (?:load trivial BPF program|create simple array map)/,
    /^(?:libbpf: )?permission error while running as root; try raising 'ulimit -l'\? current value: (.+)/,
    /^(?:.*: )?(?:map create|load program): operation not permitted(?: \(MEMLOCK may be too low, consider rlimit\.RemoveMemlock\))?$/,
    /^(?:libbpf: )?Failed to bump RLIMIT_MEMLOCK \(err = (.+)\), you might need to do it explicitly/,
    /^refused without a word: EPERM(?! \((?:tracing|lsm|extension)\b)/,
    /^(?:Error: )?(?:failed to set rlimit|can't get next program: Operation not permitted|.*missing CAP_\w+)/,
  ],
  meaning:
    "The one who loads is not root and has not CAP_BPF; or the process is in a container that may not; or the kernel is locked down; or, before 5.11, it may not lock enough memory. Loaders name the last reason because it was once the usual one: since 5.11 it is none.",
  advice:
    "Run it as root (sudo), or give it the rights: sudo setcap cap_bpf,cap_perfmon,cap_net_admin+ep LOADER; in a container add them there. Before 5.11 also raise the limit: ulimit -l unlimited.",
  examples: [
    {
      text: "libbpf: Error in bpf_object__probe_loading():Operation not permitted(1). Couldn't load trivial BPF program. Make sure your kernel supports BPF (CONFIG_BPF_SYSCALL=y) and/or that RLIMIT_MEMLOCK is set to big enough value.",
      from: "libbpf 0.2 to 1.5",
    },
    {
      text: "libbpf: Error in bpf_object__probe_loading(): -EPERM. Couldn't load trivial BPF program. Make sure your kernel supports BPF",
      from: "libbpf 1.6 and later",
    },
    {
      text: "libbpf: permission error while running as root; try raising 'ulimit -l'? current value: 64.0 KiB",
      from: "libbpf",
    },
    {
      text: "map create: operation not permitted (MEMLOCK may be too low, consider rlimit.RemoveMemlock)",
      from: "cilium/ebpf",
    },
    {
      text: "libbpf: Failed to bump RLIMIT_MEMLOCK (err = -1), you might need to do it explicitly!",
      from: "libbpf 0.7 and later",
    },
    { text: "Error: can't get next program: Operation not permitted", from: "bpftool" },
    { text: "refused without a word: EPERM (xdp, xdp)", from: "4.18 to 7.2" },
  ],
};
