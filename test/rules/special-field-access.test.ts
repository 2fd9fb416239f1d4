import { test } from "vitest";
import { specialFieldAccess } from "../../server/src/analysis/rules/special-field-access.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const MAP = `struct bpf_spin_lock { int val; };
struct bpf_timer { long a; long b; };
struct v { struct bpf_spin_lock lock; int n; struct bpf_timer timer; struct { int val; } own; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int); __type(value, struct v); } m SEC(".maps");`;
const program = (body: string) =>
  `${MAP}\nSEC("tc")\nint f(struct __sk_buff *skb)\n{\n  int key = 0;\n  struct v *v = bpf_map_lookup_elem(&m, &key);\n  if (!v) return 0;\n${body}\n  return 0;\n}\n`;

test("read, written, through a cast", () => {
  checkRule(
    specialFieldAccess,
    program(`  v->lock.val = 0;
//^^^^^^^^^^^ a bpf_spin_lock is accessed directly: the verifier refuses the program
  *(int *)&v->timer = 1;
//^^^^^^^^^^^^^^^^^ a bpf_timer is accessed directly: the verifier refuses the program`),
  );
});

test("silent for the address alone, other fields, and what stands elsewhere", () => {
  for (const body of [
    "  bpf_spin_lock(&v->lock);\n  v->n++;\n  bpf_spin_unlock(&v->lock);",
    "  v->own.val = 1;",
    "  struct v mine = {};\n  mine.lock.val = 1;",
  ])
    checkNoFindings(specialFieldAccess, program(body));
});
