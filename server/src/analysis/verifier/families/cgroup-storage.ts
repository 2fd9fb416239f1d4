/** Family: local storage of cgroups, asked for in a way the kernel does not have. */

import type { Family } from "../family.ts";

export const cgroupStorage: Family = {
  id: "cgroup-storage",
  title: "One cgroup storage of each type, without flags",
  class: "source",
  by: "verifier",
  said: [
    /^only one cgroup storage (?:of each type )?is allowed/,
    /^get_local_storage\(\) doesn't support non-zero flags/,
  ],
  meaning: ({ match }) =>
    match[0].startsWith("get")
      ? "bpf_get_local_storage() has flags only for later use: they must be 0."
      : "The program uses two BPF_MAP_TYPE_CGROUP_STORAGE maps, or two per-CPU ones. The kernel gives each program one of each.",
  advice: ({ match }) =>
    match[0].startsWith("get")
      ? "Pass the constant 0 as the second argument."
      : "Put both into one struct, or use BPF_MAP_TYPE_CGRP_STORAGE (6.2 and later), of which there may be many.",
  rules: ["second-cgroup-storage"],
  examples: [
    { text: "only one cgroup storage of each type is allowed", from: "4.20 to 7.2" },
    { text: "get_local_storage() doesn't support non-zero flags", from: "4.19 to 7.2" },
  ],
};
