/** How often a loop runs, as far as the text tells, and whether a program comes there. */

import type { Loop } from "../code.ts";
import type { BpfFunction, BpfModel } from "../model.ts";
import type { RuleContext } from "../rule.ts";
import { isGuarded } from "./guarded.ts";
import { mayBeLeftOut, runsOf } from "./runs.ts";

type Asked = Pick<RuleContext, "model" | "kb" | "loader">;

/** So short that clang unrolls it whatever it does. */
const SHORT = 4n;

/**
 * `constant`: as often as its head says. `open`: by what is known only when the program runs. Whatever the compiler might
 * find out is unknown, and so is a loop that the program leaves on a condition of its own.
 */
export function timesOf(loop: Loop, model: BpfModel): "constant" | "open" | "unknown" {
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

/** Whether programs of the file surely come there. */
export function isLoopRun({ in: fn, range }: Loop, ctx: Asked): boolean {
  if (fn === undefined || isGuarded(range, fn, ctx.model)) return false;
  return fn.section !== undefined || isCalled(fn, ctx);
}

function isCalled({ name }: BpfFunction, ctx: Asked): boolean {
  const calls = ctx.model.calls.filter((call) => call.name === name);
  return calls.some((call) => !mayBeLeftOut(call, ctx.model) && runsOf(call, ctx).some(({ asks }) => asks !== "flag"));
}
