/** Family: a security hook that BPF may not use. */

import type { Family } from "../family.ts";

export const lsmHookDisabled: Family = {
  id: "lsm-hook-disabled",
  title: "Security hook is closed to BPF",
  class: "source",
  by: "verifier",
  said: [
    /^attach_btf_id (\d+) points to disabled hook (\S+)/,
    /^(?:Note, )?(BPF_LSM_CGROUP) that attach to void LSM hooks can't modify return value!/,
  ],
  meaning: ({ match }) =>
    match[2] === undefined
      ? "This hook gives no answer to change: the program may not set one."
      : `The kernel keeps a list of security hooks that no program may attach to, and ${match[2]?.replace(/^bpf_lsm_/, "")} is on it.`,
  advice: "Choose a hook nearby: those that decide about the same thing later, file_open for example.",
  examples: [
    {
      text: "attach_btf_id 1234 points to disabled hook bpf_lsm_getprocattr",
      from: "6.12 to 7.2, and stable releases of 6.1",
    },
    { text: "BPF_LSM_CGROUP that attach to void LSM hooks can't modify return value!", from: "6.0 to 7.2" },
  ],
};
