/** Family: a log that did not fit into the loader's buffer. */

import type { Family } from "../family.ts";

export const logTooSmall: Family = {
  id: "log-too-small",
  title: "Log was longer than the loader's buffer",
  class: "environment",
  by: "loader",
  said: [
    /^(?:.*: )?(?:load program: )?no space left on device(?: .*)?$/i,
    /^.*\(truncated(?:\.\.\.?)?\)$/,
    /^.*\(\d+ line\(s\) omitted\)$/,
    /^refused without a word: ENOSPC/,
  ],
  meaning:
    "The verifier had more to say than the loader kept, so that the reason may be missing here. Newer kernels keep the end of the log, older ones its beginning.",
  advice:
    "Ask for the whole log: Verify in Kernel does; in a loader give it a larger buffer (kernel_log_size, LogSizeStart), and print all of it (%+v in Go).",
  inGeneral: true,
  examples: [
    { text: "load program: no space left on device", from: "cilium/ebpf" },
    { text: "(truncated...)", from: "cilium/ebpf" },
    { text: "refused without a word: ENOSPC (xdp, xdp)", from: "4.18 to 7.2" },
    { text: "load program: invalid argument: something (10 line(s) omitted)", from: "cilium/ebpf" },
  ],
};
