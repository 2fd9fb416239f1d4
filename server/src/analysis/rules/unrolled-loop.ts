/** Rule: a loop that is unrolled although kernels follow loops by themselves. */

import type { Loop } from "../code.ts";
import { removeLines } from "../edits.ts";
import { ability, isEverywhere, lacking } from "../for-rules/verdicts.ts";
import type { BpfModel } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";
import type { Range } from "../text.ts";

export const unrolledLoop: Rule = {
  meta: {
    id: "unrolled-loop",
    group: "better ways",
    summary: "A loop that is unrolled although kernels follow loops by themselves",
    rationale: `Since Linux 5.3 the verifier follows loops by itself; unrolled, they make the program longer and slower to verify.
Before, it refused every jump backwards, so \`#pragma unroll\` had to write each round out. Unrolled, a loop may leave no room
for the rest: a program may have a million instructions at most, an unprivileged one 4096.

From 6.4 on \`bpf_for(i, 0, n)\` of libbpf 1.2 goes further: the verifier looks at its body once and not once for every round,
and the bound may be a variable. Short loops of up to eight rounds are left alone: unrolled they may be faster.`,
    severity: "hint",
    since: "5.3",
    fix: "unsafe",
    bpflint: "unrolled-for-loop",
    examples: [
      {
        bad: `__u32 histogram[16];

SEC("tracepoint/timer/timer_start")
int on_timer(void *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	__u64 limit = 1;

#pragma unroll
	for (int i = 0; i < 16; i++) {
		if (now % 65536 < limit) {
			histogram[i]++;
			break;
		}
		limit *= 2;
	}
	return 0;
}`,
        good: `__u32 histogram[16];

SEC("tracepoint/timer/timer_start")
int on_timer(void *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	__u64 limit = 1;

	for (int i = 0; i < 16; i++) {
		if (now % 65536 < limit) {
			histogram[i]++;
			break;
		}
		limit *= 2;
	}
	return 0;
}`,
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { code } = ctx.model;
    if (!code.directives().some(({ name, body }) => name === "pragma" && WHOLLY.test(body))) return;
    for (const loop of code.loops()) {
      const pragma = loop.unroll;
      const rounds = pragma && WHOLLY.test(pragma.text) ? roundsOf(loop, ctx.model) : undefined;
      if (pragma === undefined || rounds === undefined || rounds.count <= FEW) continue;
      if (code.compiledWhen(pragma.range).length > 0 || mustBeUnrolled(loop, rounds.variable, ctx)) continue;
      yield {
        range: pragma.range,
        message: messageFor(rounds.count, ctx),
        fixes: [{ title: "Remove the pragma", edits: [removeLines(pragma.range, ctx.model)] }],
      };
    }
  },
};

const FEW = 8;

/** Without a count of its own, which somebody has found to be the best. */
const WHOLLY = /^(?:(?:GCC\s+)?unroll|clang\s+loop\s+unroll\s*\(\s*(?:full|enable)\s*\))$/;

/** In the words of the libbpf release that has the macro. */
function messageFor(count: number, ctx: RuleContext): string {
  const better = ctx.targets.length > 0 && isEverywhere({ kind: "kfunc", name: "bpf_iter_num_new" }, ctx);
  const advice = better ? "; bpf_for() has it check the body once" : "";
  return `the verifier follows this loop by itself since 5.3; unrolled it is ${count} times as long${advice}`;
}

interface Rounds {
  readonly variable: string;
  readonly count: number;
}

/** Of a loop that counts up to a number that the compiler knows. */
function roundsOf({ keyword, head }: Loop, model: BpfModel): Rounds | undefined {
  const [first = "", condition = "", step = ""] = head.split(";").map((part) => part.trim());
  if (keyword !== "for") return undefined;
  const [, variable = "", less = "", bound = ""] =
    /^(\w+)\s*(<=?|!=)\s*([^&|<>?]+?)(?:\s*&&.*)?$/s.exec(condition) ?? [];
  const start = new RegExp(`(?:^|[\\s,])${variable}\\s*=\\s*([^,]+)$`).exec(first)?.[1];
  const counts = new RegExp(`^(?:${variable}\\s*\\+\\+|\\+\\+\\s*${variable}|${variable}\\s*\\+=\\s*1)$`).test(step);
  const [from, to] = [start, bound].map((text) => (text ? model.valueOf(text) : undefined));
  if (variable === "" || !counts || from === undefined || to === undefined) return undefined;
  const count = Number(to - from) + (less === "<=" ? 1 : 0);
  return { variable, count };
}

/** Whether something in the body may need to know the number of the round when it is compiled. */
function mustBeUnrolled(loop: Loop, variable: string, ctx: RuleContext): boolean {
  const { model } = ctx;
  const body = model.code.textOf(loop.bodyRange);
  const usesRound = new RegExp(`(?<![.>\\w])${variable}\\b`);
  if (/\b(?:__)?asm(?:__)?\b/.test(body)) return true;
  const calls = model.calls.filter((call) => call.in === loop.in && isWithin(call.range, loop.bodyRange));
  // A macro may paste it into a name; relocations of fields and some builtins take constants only.
  if (calls.some(({ name, args }) => /^[A-Z_]|^bpf_core_/.test(name) && args.some(({ text }) => usesRound.test(text))))
    return true;
  return indexedIn(body, usesRound).some((name) => {
    const kind = kindOf(name, loop, model);
    return kind === "unknown" || (kind === "stack" && lacking(ability("stack-at-variable-offset"), ctx).length > 0);
  });
}

function isWithin(inner: Range, outer: Range): boolean {
  const after = inner.start.line - outer.start.line || inner.start.character - outer.start.character;
  const before = outer.end.line - inner.end.line || outer.end.character - inner.end.character;
  return after >= 0 && before >= 0;
}

/** Names of what is accessed at a place that depends on the round: `args` of `args[i]` and of `args->list[i].x`. */
function indexedIn(body: string, usesRound: RegExp): readonly string[] {
  return [...body.matchAll(/([A-Za-z_]\w*)((?:\s*(?:->|\.)\s*\w+|\s*\[[^[\]]*\])+)/g)].flatMap(
    ([, name = "", chain]) =>
      [...(chain ?? "").matchAll(/\[([^[\]]*)\]/g)].some(([, index]) => usesRound.test(index ?? "")) ? [name] : [],
  );
}

/** Fields of the context and of the kernel's own structures must be at fixed places; map values and the stack need not. */
function kindOf(name: string, { in: fn }: Loop, { code, globals, redefines }: BpfModel): "map" | "stack" | "unknown" {
  if (fn === undefined || redefines(name)) return "unknown";
  const local = code.locals(fn).findLast(({ text }) => text === name);
  if (local === undefined) return globals.some((global) => global.name === name) ? "map" : "unknown";
  if (!local.type.includes("*")) return "stack";
  const sources = [...code.textOf(fn.range).matchAll(new RegExp(`(?<![.>\\w])${name}\\s*=(?!=)\\s*([^;]*)`, "g"))];
  const isMap = sources.length > 0 && sources.every(([, source]) => FROM_MAP.test(source ?? ""));
  return isMap ? "map" : "unknown";
}

const FROM_MAP = /^(?:\([^()]*\)\s*)?bpf_(?:map_lookup_(?:percpu_)?elem|ringbuf_reserve)\s*\(/;
