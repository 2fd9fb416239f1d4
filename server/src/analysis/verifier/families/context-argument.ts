/** An argument of a traced function that is not there, or of a kind that the verifier gives no type to. */

import type { Family } from "../family.ts";

export const contextArgument: Family = {
  id: "context-argument",
  title: "Not an argument of the traced function",
  class: "source",
  by: "verifier",
  said: [
    /^func '(\S+)' doesn't have (\d+)-th argument/,
    /^func '(\S+)' arg(\d+) type (\w+) is not a struct/,
    /^func '(\S+)' arg(\d+) '(\S*)' has type (\w+)\. Only pointer access is allowed/,
    /^func '(\S+)' (offset|size) (\d+) (?:is not multiple of|must be) 8/,
    /^func '(\S+)' arg(\d+) type (\w+) has multiple type tags/,
  ],
  meaning: ({ match }) => {
    const [whole, name = "", second = "", third = "", fourth = ""] = match;
    if (whole.includes("-th argument")) return `${name}() has no argument ${second} in this kernel.`;
    if (second === "offset" || second === "size")
      return `The arguments of ${name}() lie in the context as whole 8 bytes each; here ${second === "size" ? `${third} bytes are read` : `offset ${third} is read`}.`;
    const nth = `Argument ${Number(second) + 1} of ${name}()`;
    if (whole.includes("Only pointer")) return `${nth} is no pointer (${fourth}), and is read as if it were one.`;
    if (whole.includes("type tags"))
      return `The type of argument ${Number(second) + 1} of ${name}() has more marks (type tags) than the verifier reads.`;
    return `${nth} points to something that is no struct (${third}); the verifier gives such pointers no type, and takes no access through them.`;
  },
  advice:
    "Declare the arguments as this kernel has them, in their order, with BPF_PROG(name, …) or BPF_PROG2(). bpftool btf dump file /sys/kernel/btf/vmlinux shows the function; after a change between kernels, bpf_core_type_matches() or two programs help.",
  rules: ["context-access"],
  examples: [
    { text: "func 'task_newtask' doesn't have 5-th argument", from: "5.5 to 7.2" },
    { text: "func 'do_sys_open' arg1 type INT is not a struct", from: "5.5 to 7.2" },
    { text: "func 'bpf_testmod_test' arg0 'len' has type ENUM. Only pointer access is allowed", from: "5.5 to 7.2" },
    { text: "func 'task_newtask' offset 4 is not multiple of 8", from: "5.5 to 7.2" },
    { text: "func 'task_newtask' size 4 must be 8", from: "6.12 to 7.2, and stable releases of 6.6" },
    { text: "func 'f' arg0 type STRUCT has multiple type tags", from: "7.2" },
  ],
};
