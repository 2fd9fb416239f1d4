/** Rule: what stands behind the slash of a section is nothing that such a program can be attached to. */

import type { Report, Rule, RuleContext, Severity } from "../rule.ts";
import { familyOf, isHalfTyped, meaningOf, namedPrograms, renamings } from "../section-meaning.ts";
import { type BadTarget, badTarget } from "../section-targets.ts";

export const malformedSectionTarget: Rule = {
  meta: {
    id: "malformed-section-target",
    group: "sections",
    summary: "A section whose target is not written as the loader reads it",
    rationale: `What stands behind the slash of a section is read differently for every kind of program: a tracepoint has a category,
a raw one has none, the hook of an LSM program stands without its \`bpf_lsm_\`, a system call without the prefix of its
architecture, a uprobe needs path and function with a colon between them. For programs that are checked against their target,
such as \`fentry\` and \`lsm\`, a wrong one means that the load fails. The others are loaded, and fail when a skeleton or
\`bpf_program__attach()\` attaches them by what the section says.

User space may attach to something else by a function of its own, \`bpf_program__attach_tracepoint()\` for one. So where
nothing shows what was meant the finding is only a remark, and a uprobe with a mere name behind the slash is left alone.`,
    severity: "warning",
    fix: "unsafe",
    examples: [
      {
        bad: `SEC("iter/bpf_iter_task")
int f(struct bpf_iter__task *ctx)
{
	return 0;
}`,
        good: `SEC("iter/task")
int f(struct bpf_iter__task *ctx)
{
	return 0;
}`,
        refused: { by: "libbpf", says: "failed to find kernel BTF type ID of 'bpf_iter_task'" },
      },
      {
        bad: `SEC("tracepoint/sys_enter_openat")
int f(struct trace_event_raw_sys_enter *ctx)
{
	return 0;
}`,
        good: `SEC("tracepoint/syscalls/sys_enter_openat")
int f(struct trace_event_raw_sys_enter *ctx)
{
	return 0;
}`,
      },
      {
        bad: `SEC("uprobe/usr/bin/bash:readline")
int f(struct pt_regs *ctx)
{
	return 0;
}`,
        good: `SEC("uprobe//usr/bin/bash:readline")
int f(struct pt_regs *ctx)
{
	return 0;
}`,
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    // The other loaders are told by their own calls what to attach to.
    if (familyOf(ctx) !== "libbpf") return;
    for (const { section } of namedPrograms(ctx.model)) {
      if (!section.name.includes("/")) continue;
      const bad = badTarget(section.name, ctx);
      if (bad === undefined || meaningOf(section.name, ctx).kind !== "taken") continue;
      if (isHalfTyped(section, ctx.model)) continue;
      yield {
        range: section.nameRange,
        message: messageFor(section.name, bad),
        severity: severityOf(bad),
        fixes: bad.meant === undefined ? [] : renamings(section, [bad.meant], ctx.model),
      };
    }
  },
};

function severityOf({ atLoad, meant }: BadTarget): Severity {
  if (atLoad) return "error";
  return meant === undefined ? "info" : "warning";
}

function messageFor(section: string, { atLoad, target, syntax, example, why, meant }: BadTarget): string {
  const effect = atLoad ? "libbpf refuses to load" : "libbpf cannot attach by itself";
  if (why !== undefined) return `${effect} "${section}": ${why}; write "${meant}"`;
  return `${effect} "${section}": "${target}" is no ${syntax}; write ${meant === undefined ? `it as in "${example}"` : `"${meant}"`}`;
}
