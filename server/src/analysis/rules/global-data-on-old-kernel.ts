/** Rule: variables outside of functions, for kernels that have none. */

import { insertAt } from "../edits.ts";
import { printsInMemory, usedData } from "../for-rules/global-data.ts";
import { ability, lacking, lackText } from "../for-rules/verdicts.ts";
import type { BpfModel } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

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
    const used = usedData(ctx);
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
    const [print] = printsInMemory(ctx);
    if (print === undefined) return;
    yield {
      range: print.nameRange,
      message: `bpf_printk() keeps its format in .rodata, which is not on ${where}`,
      fixes: fixesFor(model),
    };
  },
};

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
