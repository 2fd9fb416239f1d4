/** Which variables outside of functions a program surely needs memory for. */

import type { Place } from "../code.ts";
import type { BpfModel, Call, Global } from "../model.ts";
import type { RuleContext } from "../rule.ts";
import type { Range } from "../text.ts";
import { perModel } from "./per-model.ts";
import { mayBeLeftOut, runsOf } from "./runs.ts";

type Asked = Pick<RuleContext, "model" | "kb" | "loader">;

const KINDS: ReadonlySet<Global["kind"]> = new Set(["rodata", "data", "bss"]);

export interface UsedData {
  readonly global: Global;
  /** The first place that surely uses it. */
  readonly use: Range;
  readonly uses: readonly Place[];
}

/** The variables of a file that are there when its programs are loaded. */
export function usedData(ctx: Asked): readonly UsedData[] {
  return ctx.model.globals
    .filter(({ kind }) => KINDS.has(kind))
    .flatMap((global) => {
      const uses = certainUses(global, ctx);
      const [first] = uses;
      return first === undefined ? [] : [{ global, use: first.range, uses }];
    });
}

/** Places in programs of the file at which the compiler must go to memory. */
function certainUses(global: Global, ctx: Asked): readonly Place[] {
  const { model } = ctx;
  const { code } = model;
  if (code.compiledWhen(global.nameRange).length > 0) return [];
  const isOpen = /\bvolatile\b/.test(global.type) || (global.kind !== "rodata" && !/\bstatic\b/.test(global.type));
  const uses = code.uses(global.name).filter((use) => use.in !== undefined && runsIn(use.range, ctx));
  // What nobody else can change, and nobody here does, the compiler puts in its place.
  return isOpen ? uses : global.kind === "rodata" ? [] : uses.filter((use) => isChanged(use.range, model));
}

function isChanged({ start, end }: Range, { code }: BpfModel): boolean {
  const line = code.lines.textOf(end.line);
  const after = line.slice(end.character);
  const before = line.slice(0, start.character);
  return (
    /^(?:\[[^\]]*\]|\.\w+)*\s*(?:[-+*/%&|^]|<<|>>)?=(?!=)/.test(after) ||
    /^\s*(?:\+\+|--)/.test(after) ||
    /(?:\+\+|--)\s*$/.test(before)
  );
}

/** Whether a place is one that programs of the file surely run. */
function runsIn(range: Range, { model, kb, loader }: Asked): boolean {
  const fn = model.functions.find(
    (one) => one.range.start.line <= range.start.line && range.end.line <= one.range.end.line,
  );
  if (fn === undefined || model.code.compiledWhen(range).length > 0) return false;
  if (fn.section !== undefined) return true;
  const calls = model.calls.filter(({ name }) => name === fn.name);
  return calls.some((call) => !mayBeLeftOut(call, model) && runsOf(call, { model, kb, loader }).length > 0);
}

/** The calls of `bpf_printk()` that keep their formats in memory; none where it is a macro of the project's own. */
export const printsInMemory = perModel(["kb", "loader"], (ctx): readonly Call[] => {
  const { model } = ctx;
  if (model.redefines("bpf_printk") || model.code.directives().some(isOptOut) || model.unread().length > 0) return [];
  return model.calls.filter(
    (call) =>
      call.name === "bpf_printk" && !mayBeLeftOut(call, model) && runsOf(call, ctx).some(({ asks }) => asks !== "flag"),
  );
});

function isOptOut({ name, body }: { readonly name: string; readonly body: string }): boolean {
  return name === "define" && /^BPF_NO_GLOBAL_DATA\b/.test(body);
}
