/** A pointer of the kernel to memory of user space, or of a processor that was not named. */

import type { Family } from "../family.ts";

export const foreignMemory: Family = {
  id: "foreign-memory",
  title: "Memory of user space or of a processor",
  class: "source",
  by: "verifier",
  said: [/^R\d+ is ptr_(\w+) access (user|percpu) memory: off=(-?\d+)/],
  meaning: ({ match: [, struct = "", where = "", off = ""] }) =>
    where === "user"
      ? `This pointer to struct ${struct} is marked in the kernel as one of user space; offset ${off} of it may not be read directly.`
      : `This struct ${struct} is there once for each processor; the pointer is not yet that of any of them.`,
  advice: ({ match }) =>
    match[2] === "user"
      ? "Read it with bpf_probe_read_user(), or BPF_CORE_READ_USER()."
      : "Take this processor's with bpf_this_cpu_ptr(), or another's with bpf_per_cpu_ptr() and a test for NULL.",
  examples: [
    { text: "R1 is ptr_sockaddr access user memory: off=0", from: "5.18 to 7.2" },
    { text: "R1 is ptr_css_rstat_cpu access percpu memory: off=0", from: "5.19 to 7.2" },
  ],
};
