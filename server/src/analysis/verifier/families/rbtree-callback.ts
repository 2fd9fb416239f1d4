/** Family: what the function that compares two nodes of a tree may not do. */

import type { Family } from "../family.ts";

export const rbtreeCallback: Family = {
  id: "rbtree-callback",
  title: "Not inside the comparison of a tree",
  class: "source",
  by: "verifier",
  said: [
    /^(\w+) not allowed in rbtree cb/,
    /^can't (?:res_)?spin_\{lock,unlock\} in rbtree cb/,
    /^Calling bpf_rcu_read_\{lock,unlock\} in unnecessary rbtree callback/,
  ],
  meaning:
    "The function that compares two nodes runs while the tree is being changed, under its lock: it may not change a tree, nor take or give back locks.",
  advice:
    "Only compare the two nodes there and return whether the first is less; do the rest before or after bpf_rbtree_add().",
  rules: ["change-in-comparison"],
  examples: [
    { text: "rbtree_remove not allowed in rbtree cb", from: "6.3 to 7.2" },
    { text: "can't spin_{lock,unlock} in rbtree cb", from: "6.3 to 7.2" },
    { text: "Calling bpf_rcu_read_{lock,unlock} in unnecessary rbtree callback", from: "6.6 to 7.2" },
  ],
};
