/** Rule: a function handed to bpf_loop() or the like that is not static. */

import { insertAt } from "../edits.ts";
import { callsWhere } from "../for-rules/calls.ts";
import { helperOf, kfuncOf, mayBeLeftOut } from "../for-rules/runs.ts";
import type { BpfFunction, Call } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const callbackNotStatic: Rule = {
  meta: {
    id: "callback-not-static",
    group: "calls",
    summary: "A callback that is not static",
    rationale: `The verifier refuses a callback that is a global function: \`callback function not static\`. A global function is
verified by itself, for any arguments; a callback is verified where it is handed over, for what it is called with there.`,
    severity: "error",
    fix: "safe",
    examples: [
      {
        bad: `int turn(__u32 i, void *data)
{
	return 0;
}

SEC("tc")
int run(struct __sk_buff *skb)
{
	bpf_loop(skb->len, turn, NULL, 0);
	return 0;
}`,
        good: `static int turn(__u32 i, void *data)
{
	return 0;
}

SEC("tc")
int run(struct __sk_buff *skb)
{
	bpf_loop(skb->len, turn, NULL, 0);
	return 0;
}`,
        refused: { by: "kernel", says: "callback function not static" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    const taking = callsWhere((name) => mayTakeCallback(name, ctx), model);
    if (taking.length === 0) return;
    const byName = new Map<string, BpfFunction[]>();
    for (const fn of model.functions) {
      const named = byName.get(fn.name);
      if (named === undefined) byName.set(fn.name, [fn]);
      else named.push(fn);
    }
    const told = new Set<BpfFunction>();
    for (const call of taking) {
      const index = callbackIn(call, ctx);
      const arg = index === undefined ? undefined : call.args[index];
      const [fn, ...more] = byName.get(arg?.text.replace(/^&\s*/, "") ?? "") ?? [];
      if (arg === undefined || fn === undefined || more.length > 0 || told.has(fn)) continue;
      if (fn.isStatic || fn.section !== undefined || fn.macro !== undefined) continue;
      // What is hidden becomes static when libbpf loads it; what is weak cannot be static.
      if (/__hidden|visibility|weak/.test(headOf(fn, ctx)) || mayBeLeftOut(call, model)) continue;
      told.add(fn);
      const at = insertAt(fn.range.start, "static ");
      yield {
        range: arg.range,
        message: `callback ${fn.name}() is not static: the verifier refuses the program`,
        fixes: [{ title: `Make ${fn.name}() static`, edits: [at] }],
        related: [{ range: fn.nameRange, message: "declared here" }],
      };
    }
  },
};

function headOf({ range, nameRange }: BpfFunction, { model: { code } }: RuleContext): string {
  return code.textOf({ start: range.start, end: nameRange.end });
}

/** Functions of the kernel's that take a callback, for which nothing in its types says so. */
const KFUNCS: ReadonlyMap<string, number> = new Map([
  ["bpf_rbtree_add_impl", 2],
  ["bpf_wq_set_callback_impl", 1],
]);
/** Macros of bpf_experimental.h around these. */
const MACROS: ReadonlyMap<string, number> = new Map([
  ["bpf_rbtree_add", 2],
  ["bpf_wq_set_callback", 1],
]);

function mayTakeCallback(name: string, { kb }: RuleContext): boolean {
  return (
    KFUNCS.has(name) || MACROS.has(name) || kb.helper(name)?.params?.some(({ kind }) => kind === "function") === true
  );
}

function callbackIn(call: Call, ctx: RuleContext): number | undefined {
  const index = KFUNCS.get(call.name) ?? MACROS.get(call.name);
  if (index !== undefined) {
    const isMacro = MACROS.has(call.name) && ctx.model.isMacroOfHeaders(call.name);
    return isMacro || kfuncOf(call, ctx) !== undefined ? index : undefined;
  }
  const found = helperOf(call, ctx)?.params?.findIndex(({ kind }) => kind === "function") ?? -1;
  return found < 0 ? undefined : found;
}
