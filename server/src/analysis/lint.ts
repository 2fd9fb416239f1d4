/** The driver: runs the rules over a model, guards each, applies settings and suppressions, sorts. */

import { hasSince } from "./knowledge/target.ts";
import type { Report, Rule, RuleContext, RuleMeta, Severity } from "./rule.ts";
import { rules as allRules } from "./rules/index.ts";
import { comparePositions } from "./text.ts";

export interface Finding extends Report {
  readonly rule: RuleMeta;
  readonly severity: Severity;
}

export interface LintOptions {
  /** Severity by rule id; `off` silences. What is not named keeps the rule's own. */
  readonly severities?: Readonly<Record<string, Severity | "off">>;
  /** Told when a rule crashes. The other rules go on. */
  readonly onCrash?: (rule: string, error: unknown) => void;
  /** Which rules; all when left out. */
  readonly rules?: readonly Rule[];
}

export function lint(ctx: RuleContext, options: LintOptions = {}): readonly Finding[] {
  const findings: Finding[] = [];
  for (const rule of options.rules ?? allRules) {
    const chosen = options.severities?.[rule.meta.id] ?? (rule.meta.off === true ? "off" : undefined);
    if (chosen === "off" || !applies(rule, ctx)) continue;
    try {
      for (const report of rule.check(ctx)) {
        const severity = chosen ?? report.severity ?? rule.meta.severity;
        findings.push({ ...report, rule: rule.meta, severity });
      }
    } catch (error) {
      options.onCrash?.(rule.meta.id, error);
    }
  }
  return findings
    .filter((finding) => !isSuppressed(finding, ctx))
    .sort((a, b) => comparePositions(a.range.start, b.range.start) || a.rule.id.localeCompare(b.rule.id));
}

function applies({ meta: { since } }: Rule, { targets }: RuleContext): boolean {
  return since === undefined || targets.every((target) => hasSince(target, since));
}

function isSuppressed({ range, rule }: Finding, { model }: RuleContext): boolean {
  const { line } = range.start;
  return model.suppressions.some((s) => s.line === line && s.rules.includes(rule.id));
}
