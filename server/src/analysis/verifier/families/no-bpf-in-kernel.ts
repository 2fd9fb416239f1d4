/** Family: a kernel that takes no program at all. */

import type { Family } from "../family.ts";

export const noBpfInKernel: Family = {
  id: "no-bpf-in-kernel",
  title: "Kernel takes no programs",
  class: "environment",
  by: "libbpf",
  said: [
    /^(?:libbpf: )?Error in \S+\(\):(?! ?(?:Operation not permitted|-EPERM)) ?(.+?)\. Couldn't (?:load trivial BPF program|create simple array map)/,
  ],
  meaning: ({ match }) =>
    `libbpf first tries the smallest program there is, and the kernel refused even that (${match[1]}): it was made without CONFIG_BPF_SYSCALL, or a sandbox stands before it.`,
  advice:
    "Try on the machine itself, outside of containers and sandboxes; ask bpftool feature probe kernel what this kernel has.",
  examples: [
    {
      text: "libbpf: Error in bpf_object__probe_loading():Function not implemented(38). Couldn't load trivial BPF program. Make sure your kernel supports BPF",
      from: "libbpf 0.2 to 1.5",
    },
  ],
};
