/** Rule: a `?` in a section's name that does not make the program optional. */

import { replace } from "../edits.ts";
import { renamings, strangePrograms } from "../for-rules/section-meaning.ts";
import { familyOf } from "../knowledge/loaders.ts";
import { dataSection } from "../knowledge/sections.ts";
import type { Global } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const misplacedQuestionMark: Rule = {
  meta: {
    id: "misplaced-question-mark",
    group: "sections",
    summary: "A question mark in a section name where it does not make the program optional",
    rationale: `Only at the very beginning of a section's name does \`?\` keep libbpf from loading the program until user
space asks. At the end, behind the slash or twice it is a part of the name, which then fits nothing. Of the sections for data
only \`.struct_ops\` and \`.struct_ops.link\` may begin with one; libbpf passes over \`SEC("?.maps")\` in silence and fails
later at the first program that uses the map.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("tp_btf/sched_switch?")
int BPF_PROG(f, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	return 0;
}`,
        good: `SEC("?tp_btf/sched_switch")
int BPF_PROG(f, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	return 0;
}`,
        refused: { by: "libbpf", says: "failed to find kernel BTF type ID of 'sched_switch?'" },
      },
      {
        bad: `SEC("??xdp")
int f(struct xdp_md *ctx)
{
	return XDP_PASS;
}`,
        good: `SEC("?xdp")
int f(struct xdp_md *ctx)
{
	return XDP_PASS;
}`,
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    if (familyOf(ctx.loader) === undefined) return;
    for (const { section, meaning } of strangePrograms(ctx)) {
      if (meaning.kind !== "question mark") continue;
      yield {
        range: section.nameRange,
        message: `"?" makes a program optional only before the whole name; write "${meaning.meant}"`,
        fixes: renamings(section, [meaning.meant], ctx.model),
      };
    }
    for (const global of ctx.model.globals) yield* inData(global, ctx);
  },
};

function inData({ section }: Global, { model, loader }: RuleContext): readonly Report[] {
  if (section?.name?.startsWith("?") !== true || dataSection(section.name) !== undefined) return [];
  const meant = section.name.replace(/^\?+/, "");
  if (dataSection(meant) === undefined) return [];
  const text = model.code.textOf(section.nameRange);
  const fixes =
    text === section.name ? [{ title: `Change to "${meant}"`, edits: [replace(section.nameRange, meant)] }] : [];
  return [
    {
      range: section.nameRange,
      message: `"?" makes programs and ".struct_ops" optional, no other data: ${loader} passes over "${section.name}"`,
      fixes,
    },
  ];
}
