/** Rule: a section that says no function, hook or tracepoint although the program cannot be loaded without one. */

import { isHalfTyped, namedPrograms } from "../for-rules/section-meaning.ts";
import { familyOf } from "../knowledge/loaders.ts";
import { classifySection } from "../knowledge/sections.ts";
import { REPLACEMENT } from "../knowledge/supports.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const missingSectionTarget: Rule = {
  meta: {
    id: "missing-section-target",
    group: "sections",
    summary: "A section without the target that its kind of program is checked against",
    rationale: `Some kinds of program are checked against what they are made for, so the loader must know it before the load.
For \`fentry\`, \`fexit\`, \`fmod_ret\`, \`tp_btf\`, \`lsm\` and \`iter\` that is a function, hook, tracepoint or iterator. It usually
stands behind the slash:
\`SEC("fentry/do_unlinkat")\`. Without it libbpf refuses the program with \`no BTF-based attach target is specified\`, unless user
space has named one with \`bpf_program__set_attach_target()\`. As many programs leave it to user space on purpose, this is
only a hint; behind a leading \`?\` and for \`freplace\`, which always needs user space, nothing is said.`,
    severity: "hint",
    fix: "none",
    examples: [
      {
        bad: `SEC("tp_btf")
int BPF_PROG(f, struct task_struct *task)
{
	bpf_printk("%d exits", task->pid);
	return 0;
}`,
        good: `SEC("tp_btf/sched_process_exit")
int BPF_PROG(f, struct task_struct *task)
{
	bpf_printk("%d exits", task->pid);
	return 0;
}`,
        refused: {
          by: "libbpf",
          says: "no BTF-based attach target is specified, use bpf_program__set_attach_target()",
        },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const family = familyOf(ctx.loader);
    // aya is told by the call that loads the program.
    if (family === undefined || family === "aya") return;
    for (const { section } of namedPrograms(ctx.model)) {
      const meaning = classifySection(section.name, ctx.kb);
      if (meaning === undefined || !meaning.autoload) continue;
      const { progType, fact, target = "" } = meaning;
      if (target !== "" || fact.targetRules?.target !== "required" || progType === REPLACEMENT) continue;
      if (isHalfTyped(section, ctx.model)) continue;
      const where = family === "libbpf" ? "bpf_program__set_attach_target()" : "user space";
      yield {
        range: section.nameRange,
        message: `"${section.name.replace(/\/$/, "")}" names no target, as "${fact.targetRules.example}" does: the load fails unless ${where} sets one`,
      };
    }
  },
};
