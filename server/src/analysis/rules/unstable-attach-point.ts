/** Rule: a probe on a function of the kernel where a tracepoint tells the same. */

import { type NamedProgram, namedPrograms } from "../for-rules/section-meaning.ts";
import { programMeaning } from "../knowledge/loaders.ts";
import { hasSince, targetText } from "../knowledge/target.ts";
import type { ProbedFunctionFact } from "../knowledge/types.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const unstableAttachPoint: Rule = {
  meta: {
    id: "unstable-attach-point",
    group: "better ways",
    summary: "A probe on a function of the kernel where a tracepoint tells the same",
    rationale: `Functions inside the kernel change with any release, while tracepoints are meant to be watched and rarely do.
One release renames a function, the next gives it other arguments or lets the compiler put it into its callers, and then the
probe cannot be attached or sees half of what happens. \`_do_fork\` became \`kernel_clone\` in 5.10, \`kfree_skb\` is no
function any more since 5.17. Tracepoints have names and fields that tools rely on, and they cost less than a kprobe.

A program in \`tracepoint/sched/sched_process_exit\` gets the fields that the kernel's \`format\` file lists; one in
\`tp_btf/sched_process_exit\` gets the kernel's own structures, much as the function does. Only functions are named of which
the kernel's source shows that the tracepoint is always passed with them.`,
    severity: "hint",
    fix: "none",
    bpflint: "unstable-attach-point",
    examples: [
      {
        bad: `SEC("kprobe/do_exit")
int on_exit(struct pt_regs *ctx)
{
	bpf_printk("exit %d", bpf_get_current_pid_tgid() >> 32);
	return 0;
}`,
        good: `SEC("tracepoint/sched/sched_process_exit")
int on_exit(struct trace_event_raw_sched_process_template *ctx)
{
	bpf_printk("exit %d", bpf_get_current_pid_tgid() >> 32);
	return 0;
}`,
      },
      {
        bad: `SEC("kprobe/_do_fork")
int on_fork(struct pt_regs *ctx)
{
	bpf_printk("fork by %d", bpf_get_current_pid_tgid() >> 32);
	return 0;
}`,
        good: `SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	bpf_printk("fork by %d", parent->tgid);
	return 0;
}`,
        target: "5.15",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const programs = namedPrograms(ctx.model);
    for (const program of programs) {
      const fact = functionOf(program, ctx);
      if (fact === undefined || hasOtherWay(fact, programs) || !isThere(fact, ctx)) continue;
      if (ctx.model.code.compiledWhen(program.section.nameRange).length > 0) continue;
      yield reportOf(fact, program, ctx);
    }
  },
};

/** The function at whose beginning a program runs. Of its result a tracepoint rarely tells. */
function functionOf({ section }: NamedProgram, ctx: RuleContext): ProbedFunctionFact | undefined {
  const [, name] = /^(?:kprobe|fentry)\/(\w+)$/.exec(section.name) ?? [];
  const fact = name === undefined ? undefined : ctx.kb.probedFunction(name);
  // A loader that does not know the section takes it for something else.
  return fact !== undefined && programMeaning(section.name, ctx.kb, ctx.loader) !== undefined ? fact : undefined;
}

/** Who has the tracepoint as well, or the function by a newer name, chooses between them when he loads. */
function hasOtherWay({ name, tracepoints }: ProbedFunctionFact, programs: readonly NamedProgram[]): boolean {
  const events = tracepoints.map((tracepoint) => tracepoint.slice(tracepoint.indexOf("/") + 1));
  return programs.some(({ section }) => {
    const target = section.name.slice(section.name.lastIndexOf("/") + 1);
    return target !== name && (events.includes(target) || target.startsWith(name) || target === name.slice(1));
  });
}

function isThere({ since }: ProbedFunctionFact, { targets }: RuleContext): boolean {
  return since === undefined || targets.every((target) => hasSince(target, since));
}

function reportOf(
  { name, tracepoints, until }: ProbedFunctionFact,
  { section }: NamedProgram,
  { targets }: RuleContext,
): Report {
  const [first = ""] = tracepoints;
  const instead =
    tracepoints.length === 1
      ? `tracepoint ${first} tells the same`
      : `tracepoints ${andText(tracepoints)} tell the same`;
  const without = until === undefined ? [] : targets.filter((target) => target.release && hasSince(target, until));
  const why =
    without.length > 0
      ? `${without.map(targetText).join(", ")} has no function ${name}()`
      : until === undefined
        ? `${name}() may change with any kernel`
        : `${name}() is gone since ${until}`;
  return {
    range: section.nameRange,
    message: `${why}; the ${instead}`,
    ...(without.length > 0 && { severity: "warning" }),
  };
}

function andText(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
