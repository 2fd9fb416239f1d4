/** Rule: variables outside of functions, for kernels that have none. */

import { insertAt } from "../edits.ts";
import { mayBeLeftOut, runsOf } from "../for-rules/runs.ts";
import { ability, lacking, lackText } from "../for-rules/verdicts.ts";
import type { BpfModel, Call, Global } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import type { Range } from "../text.ts";

export const globalDataOnOldKernel: Rule = {
  meta: {
    id: "global-data-on-old-kernel",
    group: "kernels",
    summary: "Variables outside of functions, for kernels that have none",
    rationale: `Global and static variables live in maps, and before Linux 5.2 no instruction could point into the value of a map.
The loader makes these maps of \`.data\`, \`.bss\` and \`.rodata\`. On an older kernel libbpf stops with \`kernel doesn't support
global data\` as soon as a program uses one. An array map with a single entry does the same there.

\`bpf_printk()\` keeps its format in such a variable too. Defined before libbpf's headers, \`BPF_NO_GLOBAL_DATA\` puts it on
the stack. Constants that the compiler puts straight into the instructions are not reported.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tracepoint/syscalls/sys_enter_execve")
int f(void *ctx)
{
	bpf_printk("hello");
	return 0;
}`,
        good: `#define BPF_NO_GLOBAL_DATA
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tracepoint/syscalls/sys_enter_execve")
int f(void *ctx)
{
	bpf_printk("hello");
	return 0;
}`,
        target: "4.19",
        unshown: "the running kernel has global variables",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const lacks = lacking(ability("global-data"), ctx);
    if (lacks.length === 0) return;
    const { model } = ctx;
    const where = lackText(lacks);
    const used = model.globals
      .filter(({ kind }) => KINDS.has(kind))
      .flatMap((global) => {
        const use = certainUse(global, ctx);
        return use === undefined ? [] : [{ global, use }];
      });
    const [first, ...others] = used;
    // All of them are one decision.
    if (first !== undefined) {
      const more = others.length === 0 ? "" : ` and ${others.length} more`;
      yield {
        range: first.global.nameRange,
        message: `variables outside of functions (${first.global.name}${more}) are not on ${where}`,
        related: used.map(({ global, use }) => ({ range: use, message: `${global.name} is used here` })),
      };
    }
    const print = firstPrint(ctx);
    if (print === undefined) return;
    yield {
      range: print.nameRange,
      message: `bpf_printk() keeps its format in .rodata, which is not on ${where}`,
      fixes: fixesFor(model),
    };
  },
};

const KINDS: ReadonlySet<Global["kind"]> = new Set(["rodata", "data", "bss"]);

/** A place in a program of the file at which the compiler must go to memory. */
function certainUse(global: Global, ctx: RuleContext): Range | undefined {
  const { model } = ctx;
  const { code } = model;
  if (code.compiledWhen(global.nameRange).length > 0) return undefined;
  const isOpen = /\bvolatile\b/.test(global.type) || (global.kind !== "rodata" && !/\bstatic\b/.test(global.type));
  const uses = code.uses(global.name).filter((use) => use.in !== undefined && runsIn(use.range, ctx));
  // What nobody else can change, and nobody here does, the compiler puts in its place.
  const certain = isOpen ? uses : global.kind === "rodata" ? [] : uses.filter((use) => isChanged(use.range, model));
  return certain[0]?.range;
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
function runsIn(range: Range, { model, kb, loader }: RuleContext): boolean {
  const fn = model.functions.find(
    (one) => one.range.start.line <= range.start.line && range.end.line <= one.range.end.line,
  );
  if (fn === undefined || model.code.compiledWhen(range).length > 0) return false;
  if (fn.section !== undefined) return true;
  const calls = model.calls.filter(({ name }) => name === fn.name);
  return calls.some((call) => !mayBeLeftOut(call, model) && runsOf(call, { model, kb, loader }).length > 0);
}

/** Undefined where the format is kept on the stack, or by a macro of the project's own. */
function firstPrint(ctx: RuleContext): Call | undefined {
  const { model } = ctx;
  if (model.redefines("bpf_printk") || model.code.directives().some(isOptOut) || model.unread().length > 0)
    return undefined;
  return model.calls.find(
    (call) =>
      call.name === "bpf_printk" && !mayBeLeftOut(call, model) && runsOf(call, ctx).some(({ asks }) => asks !== "flag"),
  );
}

function isOptOut({ name, body }: { readonly name: string; readonly body: string }): boolean {
  return name === "define" && /^BPF_NO_GLOBAL_DATA\b/.test(body);
}

function fixesFor({ includes }: BpfModel): readonly Fix[] {
  const [first] = includes;
  if (first === undefined) return [];
  const line = "#define BPF_NO_GLOBAL_DATA\n";
  return [
    {
      title: "Add #define BPF_NO_GLOBAL_DATA",
      edits: [insertAt({ line: first.range.start.line, character: 0 }, line)],
    },
  ];
}
