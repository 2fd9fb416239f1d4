/** Family: a list or a tree that is changed without its lock. */

import type { Family } from "../family.ts";

export const graphLockNotHeld: Family = {
  id: "graph-lock-not-held",
  title: "List or tree is used without its lock",
  class: "source",
  by: "verifier",
  said: [/^bpf_spin_lock at off=(\d+) must be held for (\w+)/, /^held lock and object are not in the same allocation/],
  meaning: ({ match }) =>
    match[1] === undefined
      ? "A lock is held, and it is that of another value: each list or tree is guarded by the lock that lies in the same map value, or object, as itself."
      : `The ${match[2] === "bpf_rb_root" ? "tree" : "list"} is guarded by the bpf_spin_lock at byte ${match[1]} of the same value, and that is not held here.`,
  advice:
    "Call bpf_spin_lock() on the lock beside it before, and bpf_spin_unlock() after; each global list or tree needs a lock in the same section (private(A) …).",
  rules: ["unlocked-list"],
  examples: [
    { text: "bpf_spin_lock at off=0 must be held for bpf_list_head", from: "6.2 to 7.2" },
    { text: "held lock and object are not in the same allocation", from: "6.2 to 7.2" },
  ],
};
