/** Family: a kernel function that wants a pointer the verifier can vouch for. */

import type { Family } from "../family.ts";

export const untrustedPointer: Family = {
  id: "untrusted-pointer",
  title: "Pointer is not trusted",
  class: "source",
  by: "verifier",
  said: [
    /^(R\d+|arg#\d+|\*\(R11-\d+\)) must be (referenced or trusted|a rcu pointer|referenced)$/,
    /^(R\d+) is a pointer to in-kernel struct with non-zero offset/,
    /^(arg#\d+) pointer type .+ must be valid and initialized/,
  ],
  meaning: ({ match }) =>
    match[2] === "a rcu pointer"
      ? "The function wants a pointer that is protected by RCU: one that was read between bpf_rcu_read_lock() and bpf_rcu_read_unlock(), and tested for NULL."
      : "The function wants an object that cannot vanish meanwhile: one that this program holds a reference to, or that came in as an argument of a hook that vouches for it. This pointer was read out of another object, and may be stale.",
  advice:
    "Get the object with the function that acquires it (bpf_task_acquire(), bpf_task_from_pid(), bpf_cgroup_from_id() …), test for NULL and release it afterwards; or read the pointer between bpf_rcu_read_lock() and bpf_rcu_read_unlock().",
  rules: ["unowned-release", "untrusted-pointer"],
  examples: [
    { text: "R1 must be referenced or trusted", from: "6.2 to 7.2" },
    { text: "R1 must be a rcu pointer", from: "6.2 to 7.2" },
    { text: "R1 must be referenced", from: "6.0 and 6.1" },
    { text: "R1 is a pointer to in-kernel struct with non-zero offset", from: "5.5 to 5.15" },
    { text: "arg#0 pointer type STRUCT bpf_dynptr_kern must be valid and initialized", from: "6.1" },
  ],
};
