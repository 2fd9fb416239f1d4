import { test } from "vitest";
import { wrongContents } from "../../server/src/analysis/rules/wrong-contents.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const LIST = `SEC(".data.a") struct bpf_list_head list`;

test("a field that is not there, and a struct that nothing uses", () => {
  checkRule(
    wrongContents,
    `struct item { struct bpf_list_node node; };
struct lone { struct bpf_list_node node; };
struct item *first;
SEC(".data.a") struct bpf_list_head list __contains(item, link);
//             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ list is to hold struct item by link, which that has not: the kernel refuses what uses it
SEC(".data.a") struct bpf_list_head others __contains(lone, node);
//             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ others is to hold struct lone, which nothing else uses, so that its type is left out: the kernel refuses what uses it
`,
  );
});

test("nodes within, names for types, structs from elsewhere, and lists in the objects themselves", () => {
  checkNoFindings(
    wrongContents,
    `typedef struct bpf_list_node link;
struct a { link node; };
struct b { struct { struct bpf_list_node node; }; };
struct c { struct bpf_list_node node; struct bpf_list_head inner __contains(c, node); struct bpf_spin_lock lock; };
struct a *a;
struct b *b;
struct c *c;
${LIST}1 __contains(a, node);
${LIST}2 __contains(b, node);
${LIST}3 __contains(elsewhere, node);
${LIST}4[2] __contains(c, node);
`,
  );
});

test("structs that are used by another name, or where they are defined", () => {
  checkNoFindings(
    wrongContents,
    `typedef struct named { struct bpf_list_node node; } named_t;
struct shown { struct bpf_list_node node; } *shown;
struct outer { struct within { struct bpf_list_node node; } within; };
struct outer *outer;
named_t *first;
${LIST}1 __contains(named, node);
${LIST}2 __contains(shown, node);
${LIST}3 __contains(within, node);
`,
  );
});
