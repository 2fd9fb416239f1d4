/** Family: a node that does not fit the list or the tree, or is not one's own. */

import type { Family } from "../family.ts";
import { valueCameFrom } from "../story/value.ts";

export const graphNode: Family = {
  id: "graph-node",
  title: "Node does not fit this list or tree",
  class: "source",
  by: "verifier",
  said: [
    /^operation on (\w+) expects arg#1 (\w+) at offset=(\d+) in struct (\w+), but arg is at offset=(\d+) in struct (\w+)/,
    /^arg#1 offset=(\d+), but expected (\w+) at offset=(\d+) in struct (\w+)/,
    /^(\w+) not found at offset=(\d+)/,
    /^(\w+) node input must be non-owning ref/,
    /^(\w+) can only take non-owning or refcounted bpf_rb_node pointer/,
    /^(?:arg#\d+|R\d+) is neither owning or non-owning ref/,
    /^(?:arg#\d+|R\d+) expected pointer to allocated object/,
    /^(?:arg#\d+|R\d+) expected for (bpf_(?:percpu_)?obj_drop(?:_impl)?)\(\)/,
    /^(?:arg#\d+|R\d+) doesn't point to a type with bpf_refcount field/,
    /^No graph node or root found at R(\d+)/,
  ],
  meaning: ({ match }) => {
    if (match[6] !== undefined)
      return `The ${match[1]} was declared for the ${match[2]} at byte ${match[3]} of struct ${match[4]}, and the node passed is at byte ${match[5]} of struct ${match[6]}.`;
    if (match[4] !== undefined)
      return `The list or tree was declared for the ${match[2]} at byte ${match[3]} of struct ${match[4]}, and the node passed is at byte ${match[1]}.`;
    if (match[0].includes("obj_drop"))
      return "Only an object that bpf_obj_new() made, and that this program still owns, can be dropped so.";
    if (match[0].includes("refcount"))
      return "Another reference can only be taken of an object whose struct has a bpf_refcount in it.";
    return "The function works on an object that bpf_obj_new() made, or on a node of it, that is in the right hands: one that this program owns to add it, one that it only sees in the tree to remove it.";
  },
  advice:
    "Compare with __contains(struct, field) at the list or tree; pass &object->field of an object of that very struct.",
  story: (found) => valueCameFrom(found, "R2"),
  rules: [
    "released-twice",
    "unowned-release",
    "wrong-kernel-object",
    "node-of-another-list",
    "misplaced-field",
    "change-in-comparison",
    "use-after-release",
  ],
  examples: [
    {
      text: "operation on bpf_list_head expects arg#1 bpf_list_node at offset=8 in struct foo, but arg is at offset=8 in struct bar",
      from: "6.2 to 7.2",
    },
    { text: "arg#1 offset=0, but expected bpf_rb_node at offset=8 in struct foo", from: "6.3 to 7.2" },
    { text: "bpf_list_head not found at offset=8", from: "6.2 to 7.2" },
    { text: "rbtree_remove node input must be non-owning ref", from: "6.3 to 6.16" },
    { text: "bpf_rbtree_remove can only take non-owning or refcounted bpf_rb_node pointer", from: "6.17 to 7.2" },
    { text: "arg#1 is neither owning or non-owning ref", from: "6.4 to 7.1" },
    { text: "arg#0 expected pointer to allocated object", from: "6.2 to 7.1" },
    { text: "arg#0 expected for bpf_obj_drop_impl()", from: "6.8 to 7.0" },
    { text: "arg#0 doesn't point to a type with bpf_refcount field", from: "6.4 to 7.1" },
    { text: "No graph node or root found at R1 type:foo off:8", from: "6.3 to 6.5" },
  ],
};
