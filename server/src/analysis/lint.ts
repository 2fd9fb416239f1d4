/** The driver: runs the rules over a model, guards each, applies settings and suppressions, sorts. */

import { walkInTurns } from "./flow/flow.ts";
import { hasSince } from "./knowledge/target.ts";
import type { Earlier } from "./lint-again.ts";
import type { Report, Rule, RuleContext, RuleMeta, Severity } from "./rule.ts";
import { rules as allRules } from "./rules/index.ts";
import { watched } from "./sight.ts";
import type { SuppressedRule, Suppression } from "./suppressions.ts";
import { comparePositions } from "./text.ts";

export interface Finding extends Report {
  readonly rule: RuleMeta;
  readonly severity: Severity;
}

export type LintInput = Omit<RuleContext, "allowed">;

export interface LintOptions {
  /** Severity by rule id; `off` silences. What is not named keeps the rule's own. */
  readonly severities?: Readonly<Record<string, Severity | "off">>;
  /** Told when a rule crashes. The other rules go on. */
  readonly onCrash?: (rule: string, error: unknown) => void;
  /** Which rules; all when left out. */
  readonly rules?: readonly Rule[];
  /** What was found in the file before; it learns what is found now. */
  readonly earlier?: Earlier | undefined;
}

const metas: readonly RuleMeta[] = allRules.map(({ meta }) => meta);

export function lint(input: LintInput, options: LintOptions = {}): readonly Finding[] {
  const turns = lintInTurns(input, options);
  for (;;) {
    const turn = turns.next();
    if (turn.done) return turn.value;
  }
}

/** The same, with a turn for each rule and each program: who asks may do something else in between, or leave it at that. */
export function* lintInTurns(input: LintInput, options: LintOptions = {}): Generator<void, readonly Finding[]> {
  const { severities, onCrash, rules = allRules, earlier } = options;
  const run = rulesFor(rules, input, severities);
  const used = new Set<SuppressedRule>();
  const unused = (): readonly SuppressedRule[] => unusedOf(input.model.suppressions, run, used);
  const ctx: RuleContext = { ...input, allowed: { rules: metas, unused } };
  const findings: Finding[] = [];
  const known = earlier?.for(input);
  const reportsOf = (rule: Rule): Iterable<Report> => {
    // What others found is no part of the file.
    if (earlier === undefined || rule.last === true) return rule.check(ctx);
    const before = known?.(rule);
    if (before !== undefined) return before;
    const found = watched(() => [...rule.check(ctx)]);
    earlier.keep(rule, found);
    return found.result;
  };
  for (const rule of run) {
    const { meta } = rule;
    // Where there was an earlier version most rules have nothing to do.
    if (known === undefined) yield;
    try {
      if (rule.walks === true) yield* walkInTurns(input);
      for (const report of reportsOf(rule)) {
        const severity = chosen(meta, severities) ?? report.severity ?? meta.severity;
        const finding: Finding = { ...report, rule: meta, severity };
        const allowing = suppressing(finding, input.model.suppressions);
        if (allowing.length === 0) findings.push(finding);
        for (const one of allowing) used.add(one);
      }
    } catch (error) {
      onCrash?.(meta.id, error);
    }
  }
  return findings.sort((a, b) => comparePositions(a.range.start, b.range.start) || a.rule.id.localeCompare(b.rule.id));
}

interface Decided {
  readonly targets: LintInput["targets"];
  readonly severities: LintOptions["severities"];
  readonly run: readonly Rule[];
}

/** What runs of some rules, and for what that was decided: nearly always for the same again. */
const decided = new WeakMap<readonly Rule[], Decided>();

/** Those that look at what the others found come last. */
function rulesFor(
  rules: readonly Rule[],
  { targets }: LintInput,
  severities: LintOptions["severities"],
): readonly Rule[] {
  const before = decided.get(rules);
  if (before?.targets === targets && before.severities === severities) return before.run;
  const on = rules.filter((rule) => isOn(rule, targets, severities));
  const run = [...on.filter(({ last }) => !last), ...on.filter(({ last }) => last)];
  decided.set(rules, { targets, severities, run });
  return run;
}

function isOn({ meta }: Rule, targets: LintInput["targets"], severities: LintOptions["severities"]): boolean {
  const said = severities?.[meta.id];
  if (said === undefined ? meta.off === true : said === "off") return false;
  return meta.since === undefined || targets.every((target) => hasSince(target, meta.since ?? ""));
}

function chosen({ id }: RuleMeta, severities: LintOptions["severities"]): Severity | undefined {
  const severity = severities?.[id];
  return severity === "off" ? undefined : severity;
}

/** Whether a comment of the file allows what was found, be it in the text of a moment ago. */
export function isAllowed(finding: Finding, suppressions: readonly Suppression[]): boolean {
  return suppressing(finding, suppressions).length > 0;
}

function suppressing({ range, rule }: Finding, suppressions: readonly Suppression[]): readonly SuppressedRule[] {
  const { line } = range.start;
  return suppressions
    .filter(({ first, last }) => first <= line && line <= last)
    .flatMap(({ rules }) => rules.filter((one) => names(one, rule)));
}

/** bpflint's names are its own, and it has one for all of its rules. */
function names({ name, bpflint }: SuppressedRule, { id, bpflint: theirs }: RuleMeta): boolean {
  if (!bpflint) return name === id;
  return theirs !== undefined && (name === theirs || name === "all");
}

/** What names no rule that ran may well be used in another run, or by bpflint itself. */
function unusedOf(
  suppressions: readonly Suppression[],
  run: readonly Rule[],
  used: ReadonlySet<SuppressedRule>,
): readonly SuppressedRule[] {
  const ran = new Set(run.map(({ meta }) => meta.id));
  return suppressions
    .flatMap(({ rules }) => rules)
    .filter((one) => !one.bpflint && ran.has(one.name) && !used.has(one));
}
