import { test } from "vitest";
import { timerOfAnotherMap } from "../../server/src/analysis/rules/timer-of-another-map.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const map = (name: string) =>
  `struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int); __type(value, struct v); } ${name} SEC(".maps");`;
const program = (body: string) =>
  `struct v { struct bpf_timer timer; };\n${map("a")}\n${map("b")}\nSEC("tc")\nint f(struct __sk_buff *skb)\n{\n  int key = 0;\n  struct v *v = bpf_map_lookup_elem(&a, &key);\n  if (!v) return 0;\n${body}\n  return 0;\n}\n`;

test("names both maps", () => {
  checkRule(
    timerOfAnotherMap,
    program(`  bpf_timer_init(&v->timer, &b, 1);
//                          ^^ the timer stands in a, not in b: the verifier refuses the program`),
  );
});

test("silent for its own map, and where nobody knows which", () => {
  checkNoFindings(timerOfAnotherMap, program("  bpf_timer_init(&v->timer, &a, 1);"));
  checkNoFindings(timerOfAnotherMap, program("  bpf_timer_init(&v->timer, which(), 1);"));
  checkNoFindings(timerOfAnotherMap, program("  struct v *w = other();\n  bpf_timer_init(&w->timer, &b, 1);"));
});
