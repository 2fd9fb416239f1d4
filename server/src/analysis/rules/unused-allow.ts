/** Rule: a comment that allows what is not there. */

import { removeLines, replace } from "../edits.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import type { SuppressedRule, Suppression } from "../suppressions.ts";

export const unusedAllow: Rule = {
  last: true,
  meta: {
    id: "unused-allow",
    group: "toolchain",
    summary: "A comment that allows what no rule finds",
    rationale: `The code changed, or the rule became cleverer, and nothing is left to allow. The comment still promises the
reader a problem that does not exist, and it would hide the next one of its kind. Names that bpflint knows are left alone, and
so are rules that did not run: those that are off, and those that wait for newer targets.`,
    severity: "hint",
    fix: "safe",
    unnecessary: true,
    examples: [
      {
        bad: `SEC("xdp")
int pass(struct xdp_md *ctx)
{
	// hookpoint: allow deprecated-helper the old kernels
	return XDP_PASS;
}`,
        good: `SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}`,
      },
    ],
  },

  *check({ model, allowed }: RuleContext): Iterable<Report> {
    if (model.suppressions.length === 0) return;
    const unused = new Set(allowed.unused());
    for (const suppression of model.suppressions) {
      for (const rule of suppression.rules) {
        // A comment that allows this rule says itself that it may be idle.
        if (!unused.has(rule) || rule.name === "unused-allow") continue;
        yield {
          range: rule.range,
          message: `nothing here is found by ${rule.name}`,
          fixes: [remove(rule, suppression, model)],
        };
      }
    }
  },
};

function remove(rule: SuppressedRule, { rules, range }: Suppression, model: RuleContext["model"]): Fix {
  const title = "Remove it";
  const { code } = model;
  if (rules.length > 1) {
    const at = rules.indexOf(rule);
    const [from, to] = [rules[at - 1]?.range.end, rules[at + 1]?.range.start];
    const gap =
      from !== undefined
        ? { start: from, end: rule.range.end }
        : { start: rule.range.start, end: to ?? rule.range.end };
    return { title, edits: [replace(gap, "")] };
  }
  const before = code.lines.textOf(range.start.line).slice(0, range.start.character);
  const after = code.lines.textOf(range.end.line).slice(range.end.character);
  if (before.trim() === "" && after.trim() === "") return { title, edits: [removeLines(range, model)] };
  const start = {
    line: range.start.line,
    character: after.trim() === "" ? before.trimEnd().length : range.start.character,
  };
  return { title, edits: [replace({ start, end: range.end }, "")] };
}
