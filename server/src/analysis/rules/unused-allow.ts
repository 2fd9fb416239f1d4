/** Rule: a comment that allows what is not there. */

import { removeLines, replace } from "../edits.ts";
import type { Fix, Report, Rule, RuleContext, RuleGroup, RuleMeta } from "../rule.ts";
import type { SuppressedRule, Suppression } from "../suppressions.ts";

export const unusedAllow: Rule = {
  last: true,
  meta: {
    id: "unused-allow",
    group: "toolchain",
    summary: "A comment that allows what no rule finds",
    rationale: `The code changed, or the rule became cleverer, and nothing is left to allow. The comment still promises the
reader a problem that does not exist, and it would hide the next one of its kind. Names that bpflint knows are left alone, and
so are rules that did not run: those that are off, those that wait for newer targets and, without targets, those about kernels.`,
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

  *check({ model, allowed, targets }: RuleContext): Iterable<Report> {
    if (model.suppressions.length === 0) return;
    // Without targets the rules about them find nothing, and somebody else may have some.
    const idle = new Set(targets.length > 0 ? [] : ofGroup("kernels", allowed.rules));
    const unused = new Set(allowed.unused().filter(({ name }) => !idle.has(name)));
    for (const suppression of model.suppressions) {
      for (const rule of suppression.rules) {
        // A comment that allows this rule says itself that it may be idle.
        if (!unused.has(rule) || rule.name === "unused-allow") continue;
        yield {
          range: rule.range,
          message: `${rule.name} finds nothing here to allow`,
          fixes: [remove(rule, suppression, model)],
        };
      }
    }
  },
};

function ofGroup(group: RuleGroup, rules: readonly RuleMeta[]): readonly string[] {
  return rules.filter((rule) => rule.group === group).map(({ id }) => id);
}

function remove(rule: SuppressedRule, { rules, range }: Suppression, model: RuleContext["model"]): Fix {
  const title = `Remove ${rule.name}`;
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
