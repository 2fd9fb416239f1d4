/** Bytes that are no member of a struct of the kernel. */

import type { Family } from "../family.ts";

export const kernelStructOutOfBounds: Family = {
  id: "kernel-struct-out-of-bounds",
  title: "No such field in the kernel's struct",
  class: "source",
  by: "verifier",
  // Where two types are compared these are said on the way, before what matters.
  inGeneral: true,
  said: [
    /^access beyond struct (\S+) at off (\d+) size (\d+)/,
    /^access beyond the end of member (\S+) \(mend:(\d+)\) in struct (\S+) with off (\d+) size (\d+)/,
    /^cannot access ptr member (\S+) with moff (\d+) in struct (\S+) with off (\d+) size (\d+)/,
    /^struct (\S+) doesn't have field at offset (\d+)/,
    /^field (\S+) doesn't have size$/,
  ],
  meaning: ({ match }) => {
    const [whole, first = "", second = "", third = "", fourth = "", fifth = ""] = match;
    if (whole.startsWith("access beyond struct"))
      return `The program reads ${third} bytes at offset ${second} of struct ${first}, which ends before that in this kernel.`;
    if (whole.startsWith("access beyond the end"))
      return `The program reads ${fifth} bytes at offset ${fourth} of struct ${third}; its member ${first} ends before that, at ${second}.`;
    if (whole.startsWith("cannot access ptr"))
      return `The program reads ${fifth} bytes at offset ${fourth} of struct ${third}, where its member ${first} is a pointer; a pointer must be read whole.`;
    if (whole.startsWith("struct")) return `There is no member at offset ${second} of struct ${first}.`;
    return `The member ${first} has no size: it is an array without a length, or of an incomplete type.`;
  },
  advice:
    "Read members by their names with types that have CO-RE (vmlinux.h), so that the offsets are those of the kernel that runs, and no further than their ends. What lies behind the struct is read with bpf_probe_read_kernel().",
  rules: ["kernel-struct-access"],
  examples: [
    { text: "access beyond struct task_struct at off 3264 size 4", from: "5.6 to 7.2" },
    {
      text: "access beyond the end of member comm (mend:1768) in struct task_struct with off 1764 size 8",
      from: "5.5 to 7.2",
    },
    { text: "cannot access ptr member next with moff 0 in struct list_head with off 0 size 4", from: "5.5 to 7.2" },
    { text: "struct sk_buff doesn't have field at offset 5", from: "5.5 to 7.2" },
    { text: "field data doesn't have size", from: "5.5 to 7.2" },
  ],
};
