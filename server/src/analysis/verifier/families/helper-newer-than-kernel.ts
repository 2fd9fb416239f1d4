/** Family: a helper whose number the running kernel does not know. */

import type { Family } from "../family.ts";

export const helperNewerThanKernel: Family = {
  id: "helper-newer-than-kernel",
  title: "Helper newer than this kernel",
  class: "environment",
  by: "verifier",
  said: [/^invalid func (\w+)#((?!195896080\b|200100\d{4}\b|2002\d{6}\b)\d+)/],
  meaning: ({ match }) =>
    `Helper number ${match[2]} is not known to this kernel: it came with a later one. Headers of libbpf name all helpers there are, whatever kernel runs.`,
  advice:
    "Call it only where it exists, if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_name)), with an older way beside it; or ask for a later kernel.",
  rules: ["helper-not-on-target", "call-on-old-kernel"],
  examples: [
    { text: "invalid func unknown#177", from: "4.18 to 7.2, each for helpers that came later" },
    { text: "invalid func unknown#114", from: "4.18 to 7.2" },
  ],
};
