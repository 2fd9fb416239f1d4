/** Family: a right that the one who loads does not have. */

import type { Family } from "../family.ts";

export const missingCapability: Family = {
  id: "missing-capability",
  title: "Needs more rights than the loader has",
  class: "environment",
  by: "verifier",
  said: [
    /^function calls to other bpf functions are allowed for (.+)/,
    /^loading\/calling other bpf or kernel functions are allowed for (.+)/,
    /^(?:loading or calling other BPF functions|calling kernel functions) requires (.+)/,
    /^.+ (?:access )?is allowed only to (CAP_\w+ and CAP_\w+)/,
    /^(CAP_BPF and CAP_PERFMON) are required to use arena/,
    /^destructive kfunc(?:s| calls) require (CAP_SYS_BOOT)/,
  ],
  meaning: ({ match }) =>
    `The kernel does this only for a process with ${match[1]?.replace(/ capabilit\w+$/, "")}, and the one that loads does not have it.`,
  advice: "Load as root, or give the loader the right: sudo setcap cap_bpf,cap_perfmon,cap_net_admin+ep LOADER.",
  examples: [
    { text: "function calls to other bpf functions are allowed for root only", from: "4.18 to 5.7" },
    {
      text: "loading/calling other bpf or kernel functions are allowed for CAP_BPF and CAP_SYS_ADMIN",
      from: "5.13 to 7.2",
    },
    { text: "'struct task_struct' access is allowed only to CAP_PERFMON and CAP_SYS_ADMIN", from: "6.2 to 7.2" },
    { text: "bpf_array access is allowed only to CAP_PERFMON and CAP_SYS_ADMIN", from: "5.9 to 6.1" },
    { text: "destructive kfunc calls require CAP_SYS_BOOT capability", from: "6.2 to 7.2" },
    { text: "calling kernel functions requires CAP_BPF or CAP_SYS_ADMIN", from: "after 7.2" },
    { text: "CAP_BPF and CAP_PERFMON are required to use arena", from: "6.9 to 7.2" },
  ],
};
