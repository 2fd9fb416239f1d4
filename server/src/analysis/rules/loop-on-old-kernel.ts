/** Rule: a loop, for kernels that take none. */

import type { Loop } from "../code.ts";
import { indentationAt, insertAt } from "../edits.ts";
import { isGuarded } from "../for-rules/guarded.ts";
import { mayBeLeftOut, runsOf } from "../for-rules/runs.ts";
import { ability, lacking, lackText } from "../for-rules/verdicts.ts";
import type { BpfFunction, BpfModel } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const loopOnOldKernel: Rule = {
  meta: {
    id: "loop-on-old-kernel",
    group: "kernels",
    summary: "A loop for kernels that take none",
    rationale: `Before Linux 5.3 no program could jump backwards: \`back-edge from insn 24 to 19\`. A loop had to be unrolled by the
compiler, for which it must know how often it runs. clang does that by itself where the result is short, and everywhere with
\`#pragma unroll\` before the loop.

A loop with a constant bound and without the pragma is only a hint, because clang may do it. One whose bound is known only
when the program runs cannot be unrolled: give it a constant bound, and leave it early with \`break\`.`,
    severity: "hint",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("xdp")
int f(struct xdp_md *ctx)
{
	__u32 sum = 0;

	for (int i = 0; i < 64; i++)
		sum += bpf_get_prandom_u32();
	return sum ? XDP_PASS : XDP_DROP;
}`,
        good: `SEC("xdp")
int f(struct xdp_md *ctx)
{
	__u32 sum = 0;

	#pragma unroll
	for (int i = 0; i < 64; i++)
		sum += bpf_get_prandom_u32();
	return sum ? XDP_PASS : XDP_DROP;
}`,
        target: "4.19",
        unshown: "the running kernel takes loops",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const lacks = lacking(ability("bounded-loops"), ctx);
    if (lacks.length === 0) return;
    const { model } = ctx;
    for (const loop of model.code.loops()) {
      const times = loop.in === undefined ? "unknown" : timesOf(loop, model);
      if (
        times === "unknown" ||
        (times === "constant" && (loop.unroll !== undefined || loop.isBehindMacro)) ||
        !isRun(loop, ctx)
      )
        continue;
      const where = lackText(lacks);
      if (times === "open") {
        yield {
          range: loop.range,
          message: `how often this loop runs is not known before, and loops are not on ${where}`,
          severity: "warning",
        };
      } else {
        yield {
          range: loop.range,
          message: `clang may leave this loop as it is, and loops are not on ${where}`,
          fixes: unrolled(loop, model),
        };
      }
    }
  },
};

/** A pragma has a line of its own. */
function unrolled({ range: { start } }: Loop, model: BpfModel): readonly Fix[] {
  const indentation = indentationAt(start, model);
  if (indentation.length < start.character) return [];
  return [{ title: "Add #pragma unroll", edits: [insertAt(start, `#pragma unroll\n${indentation}`)] }];
}

/** So short that clang unrolls it whatever it does. */
const SHORT = 4n;

/**
 * `constant`: as often as its head says. `open`: by what is known only when the program runs. Whatever the compiler might
 * find out is unknown, and so is a loop that the program leaves on a condition of its own.
 */
function timesOf(loop: Loop, model: BpfModel): "constant" | "open" | "unknown" {
  const { keyword, head } = loop;
  if (keyword !== "for") return "unknown";
  const parts = head.split(";");
  const [start = "", condition = "", step = ""] = parts;
  if (parts.length !== 3) return "unknown";
  const counter = /^\s*(\w+)\s*(?:\+\+|--|[-+]=)|^\s*(?:\+\+|--)\s*(\w+)/.exec(step)?.slice(1).find(Boolean);
  if (counter === undefined) return "unknown";
  const bounds = condition.split("&&").map((part) => boundOf(part.trim(), counter));
  if (bounds.some((bound) => bound === undefined)) return "unknown";
  const values = bounds.map((bound) => model.valueOf(bound ?? ""));
  const constant = values.find((value) => value !== undefined);
  const from = new RegExp(`\\b${counter}\\s*=\\s*(.*)$`).exec(start)?.[1];
  const first = from === undefined ? undefined : model.valueOf(from);
  if (constant !== undefined) {
    if (first === undefined) return "unknown";
    const distance = constant > first ? constant - first : first - constant;
    return distance > SHORT ? "constant" : "unknown";
  }
  return bounds.every((bound) => isOpen(bound ?? "", loop, model)) ? "open" : "unknown";
}

/** `n` of `i < n`. */
function boundOf(condition: string, counter: string): string | undefined {
  const [, left, right] = /^(.+?)\s*(?:<=|>=|!=|<|(?<!-)>)\s*(.+)$/.exec(condition) ?? [];
  if (left?.trim() === counter) return right?.trim();
  return right?.trim() === counter ? left?.trim() : undefined;
}

/** Read from the context or through a pointer in the program itself: nothing that a caller could have made constant. */
function isOpen(bound: string, { in: fn, bodyRange }: Loop, { code }: BpfModel): boolean {
  if (fn?.section === undefined) return false;
  const reads = /^\(?(?:\w+\s*->\s*\w+)(?:\s*(?:->|\.)\s*\w+)*\)?$/.test(bound);
  // Sums and the like the compiler may work out without a loop.
  return reads && /\w\s*\(/.test(code.textOf(bodyRange));
}

function isRun({ in: fn, range }: Loop, ctx: RuleContext): boolean {
  if (fn === undefined || isGuarded(range, fn, ctx.model)) return false;
  return fn.section !== undefined || isCalled(fn, ctx);
}

function isCalled({ name }: BpfFunction, ctx: RuleContext): boolean {
  const calls = ctx.model.calls.filter((call) => call.name === name);
  return calls.some((call) => !mayBeLeftOut(call, ctx.model) && runsOf(call, ctx).some(({ asks }) => asks !== "flag"));
}
