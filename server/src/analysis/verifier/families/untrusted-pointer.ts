import type { Family } from "../family.ts";
import { named } from "../registers.ts";

export const untrustedPointer: Family = {
  id: "untrusted-pointer",
  title: "Pointer is not trusted",
  class: "source",
  by: "verifier",
  said: [
    /^(R\d+) type=(untrusted_\w+|ptr_\w*|rcu_ptr_\w*) expected=.*ptr_/,
    /^(R\d+) must be (referenced or trusted|a rcu pointer)/,
  ],
  meaning: (found) =>
    `${named(found, found.match[1] ?? "")} must be a pointer that the verifier knows to be valid now. This one was read from memory, by following fields, and the object that it points to may be gone by now.`,
  advice:
    "Pass an argument of the program as it is, or what an acquiring kfunc gave (bpf_task_acquire(), bpf_task_from_pid(), …) after a test for NULL. Some fields can be trusted between bpf_rcu_read_lock() and bpf_rcu_read_unlock().",
  examples: [
    { text: "R1 must be referenced or trusted", from: "6.2 to 7.2" },
    { text: "R1 must be a rcu pointer", from: "6.2 to 7.2" },
    { text: "R2 type=untrusted_ptr_ expected=ptr_, trusted_ptr_, rcu_ptr_", from: "6.2 to 7.2" },
    { text: "R2 type=ptr_ expected=trusted_ptr_, rcu_ptr_", from: "6.2 to 7.2" },
  ],
};
