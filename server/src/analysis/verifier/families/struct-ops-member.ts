/** Family: a member of a kernel structure that a program cannot be. */

import type { Family } from "../family.ts";

export const structOpsMember: Family = {
  id: "struct-ops-member",
  title: "Cannot be a program of this structure",
  class: "source",
  by: "verifier",
  said: [
    /^attach to (unsupported|invalid) member (\S+?)(?:\(@idx (\d+)\))? of struct (\w+)/,
    /^attach to (invalid) member idx (\d+) of struct (\w+)/,
    /^bpf_struct_ops map cannot be used in prog/,
    /^struct_ops module (\S+) is not found/,
    /^only access to bpf_dummy_ops_state is supported/,
  ],
  meaning: ({ match }) => {
    if (match[0].startsWith("bpf_struct_ops"))
      return "A map of type BPF_MAP_TYPE_STRUCT_OPS is for the kernel alone; programs cannot look into it.";
    if (match[0].startsWith("struct_ops module"))
      return `The kernel module ${match[1]}, which has this structure, is not loaded.`;
    if (match[0].startsWith("only")) return "This structure is for tests of the kernel and passes nothing else.";
    return match[1] === "unsupported"
      ? `The kernel does not let a program stand in for the member ${match[2]} of struct ${match[4]}.`
      : "The structure has no function at this place: the one that the program was built for is another than that of this kernel.";
  },
  advice: "Leave this member out, or take the structure from the vmlinux.h of the kernel that it must run on.",
  rules: ["unsupported-operation"],
  examples: [
    { text: "attach to unsupported member get_info of struct tcp_congestion_ops", from: "5.6 to 7.2" },
    { text: "attach to invalid member idx 40 of struct tcp_congestion_ops", from: "5.6 to 7.2" },
    { text: "bpf_struct_ops map cannot be used in prog", from: "5.6 to 7.2" },
    { text: "struct_ops module bpf_testmod is not found", from: "6.9 to 7.2" },
    { text: "only access to bpf_dummy_ops_state is supported", from: "5.16 to 7.2" },
  ],
};
