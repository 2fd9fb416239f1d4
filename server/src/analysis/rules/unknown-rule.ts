/** Rule: a comment that allows a rule which does not exist. */

import { replace } from "../edits.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";
import { nearest } from "../spelling.ts";

export const unknownRule: Rule = {
  meta: {
    id: "unknown-rule",
    group: "toolchain",
    summary: "A comment that allows a rule which does not exist",
    rationale: `A misspelt name allows nothing: what it was written for is still found. The names are those in brackets behind
each finding, and \`hookpoint check --explain\` lists them all. Comments for bpflint are not looked at: its rules have names
of its own.`,
    severity: "warning",
    fix: "safe",
    examples: [
      {
        bad: `SEC("kprobe/do_exit")
int f(struct pt_regs *ctx)
{
	long code;
	// hookpoint: allow deprecated-helpers until 5.4 is gone
	bpf_probe_read(&code, sizeof(code), ctx);
	return 0;
}`,
        good: `SEC("kprobe/do_exit")
int f(struct pt_regs *ctx)
{
	long code;
	// hookpoint: allow deprecated-helper until 5.4 is gone
	bpf_probe_read(&code, sizeof(code), ctx);
	return 0;
}`,
      },
    ],
  },

  *check({ model, allowed: { rules } }: RuleContext): Iterable<Report> {
    for (const { name, range, bpflint } of model.suppressions.flatMap((suppression) => suppression.rules)) {
      if (bpflint || rules.some(({ id }) => id === name)) continue;
      const meant = nearest(
        name,
        rules.map(({ id }) => id),
      );
      yield {
        range,
        message: `there is no rule "${name}"${meant === undefined ? "" : `; write "${meant}"`}`,
        ...(meant !== undefined && { fixes: [{ title: `Change to ${meant}`, edits: [replace(range, meant)] }] }),
      };
    }
  },
};
