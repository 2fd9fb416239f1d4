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

const inner = (body: string) =>
  `struct v { struct bpf_timer timer; };
struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int); __type(value, struct v); } a SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 2); __type(key, int); __array(values, struct inner); } outer SEC(".maps") = { .values = { &a } };
SEC("tc")
int f(struct __sk_buff *skb)
{
  int zero = 0, one = 1;
  void *first = bpf_map_lookup_elem(&outer, &zero), *second = bpf_map_lookup_elem(&outer, &one);
  if (!first || !second) return 0;
  struct v *v = bpf_map_lookup_elem(first, &zero);
  if (!v) return 0;
${body}
  return 0;
}
`;

test("of maps in a map each that is looked up is another", () => {
  checkRule(
    timerOfAnotherMap,
    inner(`  bpf_timer_init(&v->timer, second, 1);
//                          ^^^^^^ the timer was looked up in another map than second: the verifier refuses the program
  bpf_timer_init(&v->timer, &a, 1);
//                          ^^ the timer was looked up in another map than this one: the verifier refuses the program`),
  );
  checkNoFindings(timerOfAnotherMap, inner("  bpf_timer_init(&v->timer, first, 1);"));
  checkNoFindings(timerOfAnotherMap, inner("  bpf_timer_init(&v->timer, which(first), 1);"));
});
