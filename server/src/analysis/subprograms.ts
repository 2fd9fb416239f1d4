/** For the rules about calls between a file's own functions: which of them the compiler surely leaves as functions. */

import type { BpfFunction, BpfModel, Call } from "./model.ts";
import type { RuleContext } from "./rule.ts";
import { mayBeLeftOut, type Run, runsOf } from "./runs.ts";
import type { Position } from "./text.ts";

/** A function of the file that a program calls, and that the compiler may not inline. */
export interface Subprogram {
  readonly fn: BpfFunction;
  /** The words before its name. */
  readonly head: string;
  readonly calls: readonly Call[];
  /** The programs that call it, by whatever way. */
  readonly runs: readonly Run[];
}

/** `__weak` keeps from inlining as well: the linker may put another function in its place. */
const KEPT = /\b(?:__noinline|noinline|__weak|weak|__noinline__)\b/;
const INLINED = /\b(?:__always_inline|always_inline|__inline|inline)\b/;

export function* subprogramsIn(ctx: RuleContext): Iterable<Subprogram> {
  const { model } = ctx;
  for (const fn of model.functions) {
    if (fn.section !== undefined || fn.macro !== undefined) continue;
    const head = headOf(fn, model);
    if (!KEPT.test(head) || INLINED.test(head) || model.code.compiledWhen(fn.nameRange).length > 0) continue;
    const calls = model.calls.filter((call) => call.name === fn.name && !mayBeLeftOut(call, model));
    const runs = calls.flatMap((call) => runsOf(call, ctx)).filter(({ asks }) => asks !== "flag");
    if (runs.length > 0) yield { fn, head, calls, runs };
  }
}

/** From the first word of the declaration to the name. */
export function headOf({ range, nameRange }: BpfFunction, { code }: BpfModel): string {
  return code.textOf({ start: range.start, end: nameRange.start });
}

/** Where a word of a function's head stands, and what it is. */
export function wordIn(
  { fn, head }: Subprogram,
  words: RegExp,
): { readonly text: string; readonly start: Position; readonly end: Position } | undefined {
  const match = words.exec(head);
  if (match === null) return undefined;
  const lines = head.slice(0, match.index).split("\n");
  const line = fn.range.start.line + lines.length - 1;
  const character = (lines.length === 1 ? fn.range.start.character : 0) + (lines.at(-1)?.length ?? 0);
  const [text] = match;
  return { text, start: { line, character }, end: { line, character: character + text.length } };
}
