/** Rule: functions that call themselves, or one another so deep that the verifier refuses it. */

import { callsTo } from "../for-rules/calls.ts";
import { perModel } from "../for-rules/per-model.ts";
import { mayBeLeftOut } from "../for-rules/runs.ts";
import type { BpfFunction, BpfModel, Call } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const callsTooDeep: Rule = {
  meta: {
    id: "calls-too-deep",
    group: "paths",
    summary: "Recursion, or more than eight functions deep",
    rationale: `At most eight functions may be in each other's call at a time, the program among them, and none of them twice.

Functions that the compiler inlines do not count. One that calls itself it turns into a loop only where the call is the last thing
that it does; what is left of a recursion needs a loop with a bound, and a stack of its own in a map.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `static __noinline int walk(struct __sk_buff *skb, int left)
{
	if (left <= 0)
		return skb->len;
	return (walk(skb, left - 1) ^ 5) + walk(skb, left - 2);
}

SEC("tc")
int start(struct __sk_buff *skb)
{
	return walk(skb, skb->mark);
}`,
        good: `static __noinline int walk(struct __sk_buff *skb, int left)
{
	int sum = skb->len;

	for (int i = 0; i < 8 && i < left; i++)
		sum = (sum ^ 5) + i;
	return sum;
}

SEC("tc")
int start(struct __sk_buff *skb)
{
	return walk(skb, skb->mark);
}`,
        refused: { by: "kernel", says: "the call stack of 9 frames is too deep" },
      },
      {
        bad: `__noinline int f1(struct __sk_buff *skb) { return skb->len; }
__noinline int f2(struct __sk_buff *skb) { return f1(skb) + skb->mark; }
__noinline int f3(struct __sk_buff *skb) { return f2(skb) + skb->mark; }
__noinline int f4(struct __sk_buff *skb) { return f3(skb) + skb->mark; }
__noinline int f5(struct __sk_buff *skb) { return f4(skb) + skb->mark; }
__noinline int f6(struct __sk_buff *skb) { return f5(skb) + skb->mark; }
__noinline int f7(struct __sk_buff *skb) { return f6(skb) + skb->mark; }
__noinline int f8(struct __sk_buff *skb) { return f7(skb) + skb->mark; }

SEC("tc")
int start(struct __sk_buff *skb)
{
	return f8(skb);
}`,
        good: `__noinline int f1(struct __sk_buff *skb) { return skb->len; }
__noinline int f2(struct __sk_buff *skb) { return f1(skb) + skb->mark; }
__noinline int f3(struct __sk_buff *skb) { return f2(skb) + skb->mark; }
__noinline int f4(struct __sk_buff *skb) { return f3(skb) + skb->mark; }
__noinline int f5(struct __sk_buff *skb) { return f4(skb) + skb->mark; }
__noinline int f6(struct __sk_buff *skb) { return f5(skb) + skb->mark; }
__noinline int f7(struct __sk_buff *skb) { return f6(skb) + skb->mark; }

SEC("tc")
int start(struct __sk_buff *skb)
{
	return f7(skb);
}`,
        refused: { by: "kernel", says: "frames is too deep" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const { call, what, severity } of deepCalls(ctx))
      yield {
        range: call.nameRange,
        message: `${what}: the verifier refuses the program`,
        ...(severity && { severity }),
      };
  },
};

/** Frames that may be in each other at a time. */
const MOST = 8;

interface Deep {
  readonly call: Call;
  readonly what: string;
  readonly severity?: "hint";
}

/** In most files nothing goes so deep, whatever of it may be left out: that is asked first. */
const deepCalls = perModel([], ({ model }): readonly Deep[] => {
  if (deepAmong(() => true, model).length === 0) return [];
  return deepAmong((call) => !mayBeLeftOut(call, model), model);
});

function deepAmong(counts: (call: Call) => boolean, model: BpfModel): readonly Deep[] {
  const byName = new Map(model.functions.map((fn) => [fn.name, fn]));
  const calls = new Map<BpfFunction, Call[]>();
  for (const call of callsTo(byName, model)) {
    const called = byName.get(call.name);
    if (call.in === undefined || called === undefined || called.section !== undefined || !counts(call)) continue;
    const known = calls.get(call.in);
    if (known === undefined) calls.set(call.in, [call]);
    else known.push(call);
  }
  const graph: CallGraph = { model, byName, calls, depths: new Map(), open: new Set(), found: [], told: new Set() };
  for (const fn of model.functions) {
    if (fn.section === undefined || calls.get(fn) === undefined) continue;
    for (const call of calls.get(fn) ?? []) {
      const depth = 1 + depthOf(byName.get(call.name), graph);
      if (depth > MOST)
        graph.found.push({ call, what: `${call.name}() goes ${depth} functions deep, ${MOST} are allowed` });
    }
  }
  return graph.found;
}

interface CallGraph {
  readonly model: BpfModel;
  readonly byName: ReadonlyMap<string, BpfFunction>;
  readonly calls: ReadonlyMap<BpfFunction, readonly Call[]>;
  readonly depths: Map<BpfFunction, number>;
  /** Those that are being looked into. */
  readonly open: Set<BpfFunction>;
  readonly found: Deep[];
  readonly told: Set<BpfFunction>;
}

/** How many frames a call of the function takes at least. */
function depthOf(fn: BpfFunction | undefined, graph: CallGraph): number {
  if (fn === undefined) return 0;
  const known = graph.depths.get(fn);
  if (known !== undefined) return known;
  graph.open.add(fn);
  let below = 0;
  for (const call of graph.calls.get(fn) ?? []) {
    const called = graph.byName.get(call.name);
    if (called !== undefined && graph.open.has(called)) tellRecursion(call, fn, called, graph);
    else below = Math.max(below, depthOf(called, graph));
  }
  graph.open.delete(fn);
  const depth = below + (isKept(fn, graph.model) ? 1 : 0);
  graph.depths.set(fn, depth);
  return depth;
}

const KEPT = /\b(?:__noinline|noinline|__noinline__|__weak|weak)\b/;
const INLINED = /\binline\b|__always_inline|always_inline/;

/** What the compiler surely leaves as a function. */
function isKept(fn: BpfFunction, model: BpfModel): boolean {
  const head = fn.head;
  return KEPT.test(head) && !INLINED.test(head) && model.code.compiledWhen(fn.nameRange).length === 0;
}

function tellRecursion(call: Call, fn: BpfFunction, called: BpfFunction, graph: CallGraph): void {
  if (graph.told.has(called)) return;
  graph.told.add(called);
  const what = fn === called ? `${fn.name}() calls itself` : `${fn.name}() calls ${called.name}(), which has called it`;
  const isSure = fn !== called || !mayBecomeLoop(fn, graph);
  graph.found.push({ call, what, ...(!isSure && { severity: "hint" as const }) });
}

/** One call, in what is returned: clang makes a loop of that. */
function mayBecomeLoop(fn: BpfFunction, { calls, model }: CallGraph): boolean {
  const own = (calls.get(fn) ?? []).filter(({ name }) => name === fn.name);
  return own.length === 1 && own.every(({ range }) => /\breturn\b/.test(model.code.lines.textOf(range.start.line)));
}
