import { expect, test } from "vitest";
import { endlessLoop } from "../../server/src/analysis/rules/endless-loop.ts";
import { checkNoFindings, findingsIn } from "../support/check.ts";

const program = (code: string) => `int counts[16];
SEC("tc")
int f(struct __sk_buff *skb)
{
	int i = 0, n = skb->len;
	${code}
	return 0;
}
`;
const told = (code: string) => findingsIn(program(code), [endlessLoop]).map(({ message }) => message);
const LEFT = "nothing leaves this loop: the verifier refuses the program";
const ASKS = "nothing in this loop changes what it asks: the verifier refuses the program";

test("loops without a way out", () => {
  for (const code of [
    "for (;;) ;",
    "for (;;) { counts[0]++; }",
    "while (1) { if (n) continue; counts[1]++; }",
    "while (true) bpf_ktime_get_ns();",
    "do { counts[0]++; } while (1);",
    "again: counts[0]++; goto again;",
  ])
    expect(told(code)).toEqual([LEFT]);
});

test("loops that ask the same each time", () => {
  for (const code of [
    "while (skb->mark != 7) ;",
    "while (i < 10) bpf_ktime_get_ns();",
    "while (i < n) { counts[0]++; }",
    "for (i = 0; i < 10; n++) counts[i]++;",
  ])
    expect(told(code)).toEqual([ASKS]);
});

test("silent about loops that end, or may", () => {
  for (const code of [
    "for (;;) { if (i++ == 8) break; }",
    "while (1) { if (counts[i++]) return 1; if (i > 8) break; }",
    "while (i < 10) i++;",
    "while (i < n) { if (counts[0]) break; }",
    "do { i++; } while (i < 10);",
    "do { counts[0]++; } while (0);",
    "while (n) { n >>= 1; counts[0]++; }",
    'while (1) { asm volatile goto("may_goto %l[out]" :::: out); counts[0]++; } out:',
    "while (1) { cond_break; counts[0]++; }",
    "while (1) bpf_throw(0);",
    // Others may write there.
    "while (skb->mark != 7) bpf_skb_change_tail(skb, 64, 0);",
    "while (counts[0] < 10) counts[0]++;",
    "while (i < 10) next(&i);",
    "while (i < 10) STEP(i);",
    "bpf_repeat(10) counts[0]++;",
    // The verifier shall see that it is 0.
    "while (i) continue;",
  ])
    expect(told(code)).toEqual([]);
});

test("silent in functions that nobody calls", () => {
  checkNoFindings(endlessLoop, "static int g(void) { for (;;) ; return 0; }\n");
});

test("a loop up to a number that may be anything, with a call in it", () => {
  const told = (loop: string) => findingsIn(program(loop), [endlessLoop]).map(({ message }) => message);
  expect(told("for (i = 0; i < n; i++) counts[0] += bpf_get_prandom_u32();")).toEqual([
    "nothing bounds n, and the verifier follows every turn: it refuses the program",
  ]);
  for (const loop of [
    "if (n > 100) return 0; for (i = 0; i < n; i++) counts[0] += bpf_get_prandom_u32();",
    "for (i = 0; i < (n & 255); i++) counts[0] += bpf_get_prandom_u32();",
    // The compiler may make one sum of it.
    "for (i = 0; i < n; i++) counts[0] += 3;",
    // Another way out, another way on, another limit.
    "for (i = 0; i < n; i++) { if (i > 64) break; counts[0] += bpf_get_prandom_u32(); }",
    "for (i = 0; i < n; i++) { i *= 2; counts[0] += bpf_get_prandom_u32(); }",
    "for (i = 0; i < n; i++) { n >>= 1; counts[0] += bpf_get_prandom_u32(); }",
    "for (i = 0; i < n; i++) { next(&i); counts[0] += bpf_get_prandom_u32(); }",
    "for (i = 0; i < n; i++) { cond_break; counts[0] += bpf_get_prandom_u32(); }",
    "for (i = 0; i < n; i++) { if (stop(i)) bpf_throw(0); counts[0] += bpf_get_prandom_u32(); }",
    "bpf_for(i, 0, n) counts[0] += bpf_get_prandom_u32();",
  ])
    expect(told(loop)).toEqual([]);
});
