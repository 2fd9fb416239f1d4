/** `hookpoint check PATH…`: prints findings, and mends what can be mended. */

import type { Severity } from "../analysis/rule.ts";
import { rules } from "../analysis/rules/index.ts";
import { nearest } from "../analysis/spelling.ts";
import { version } from "../files.ts";
import type { CheckOptions } from "./check-file.ts";
import { findFiles } from "./paths.ts";
import { checkAll } from "./pool.ts";
import { progressOf } from "./progress.ts";
import { formats } from "./report/formats.ts";
import type { FileReport, Format, FormatContext } from "./report/report.ts";
import { BadUse, complain, loadTools, print, settingsOf, type Tools } from "./source.ts";

export interface CheckArguments {
  readonly target: readonly string[] | undefined;
  readonly format: string | undefined;
  readonly rule: readonly string[] | undefined;
  readonly fix: boolean;
  readonly unsafe: boolean;
  readonly stats: boolean;
  readonly failOn: string | undefined;
  readonly jobs: string | undefined;
}

export async function check(names: readonly string[], args: CheckArguments): Promise<number> {
  const format = formatNamed(args.format);
  const failing = severitiesFrom(args.failOn);
  const options: CheckOptions = { target: args.target, rules: ruleNames(args.rule), fix: fixOf(args) };
  const jobs = jobsOf(args.jobs);
  const { files, problems } = await findFiles(names);
  const tools = await loadTools();
  await mustBeKnown(args.target, tools);
  // `performance` is a module that takes longer to load than to check a file.
  const began = Date.now();
  const reports: FileReport[] = [];
  const context: FormatContext = {
    version,
    ruleNamed: (id) => rules.find(({ meta }) => meta.id === id)?.meta,
    colour: process.stdout.isTTY === true && !process.env["NO_COLOR"],
    told: new Set(),
  };
  const progress = progressOf(files.length, process.stderr);
  await checkAll(
    files,
    options,
    tools,
    (report) => {
      reports.push(report);
      progress.clear();
      for (const problem of report.problems) complain(`${report.path}: ${problem}`);
      print(format.file?.(report, context) ?? "");
      progress.step();
    },
    jobs,
  );
  progress.clear();
  print((await format.end?.(reports, context)) ?? "");
  for (const problem of problems) complain(problem);
  sumUp(reports);
  if (args.stats) complain(statistics(reports, Date.now() - began));
  if (problems.length > 0 || reports.some((report) => report.problems.length > 0)) return 2;
  return reports.some(({ findings }) => findings.some(({ severity }) => failing.has(severity))) ? 1 : 0;
}

function formatNamed(name = "text"): Format {
  const found = formats.find((format) => format.name === name);
  if (found !== undefined) return found;
  throw new BadUse(`There is no format "${name}". Choose ${formats.map((format) => format.name).join(", ")}.`);
}

const SEVERITIES: readonly Severity[] = ["error", "warning", "info", "hint"];

/** A new hint in a new release must break nobody's build. */
function severitiesFrom(least = "warning"): ReadonlySet<Severity> {
  const at = SEVERITIES.indexOf(least as Severity);
  if (at === -1) throw new BadUse(`"${least}" is no severity. Choose ${SEVERITIES.join(", ")}.`);
  return new Set(SEVERITIES.slice(0, at + 1));
}

function ruleNames(names: readonly string[] | undefined): readonly string[] | undefined {
  const wanted = names?.flatMap((name) => name.split(",")).map((name) => name.trim());
  const known = rules.map(({ meta }) => meta.id);
  for (const name of wanted ?? []) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    throw new BadUse(`There is no rule "${name}".${meant === undefined ? "" : ` Did you mean ${meant}?`}`);
  }
  return wanted;
}

function fixOf({ fix, unsafe }: CheckArguments): CheckOptions["fix"] {
  if (unsafe && !fix) throw new BadUse("--unsafe says how --fix fixes; give both.");
  return fix ? (unsafe ? "all" : "safe") : "none";
}

function jobsOf(jobs: string | undefined): number | undefined {
  if (jobs === undefined) return undefined;
  if (!/^[1-9]\d{0,2}$/.test(jobs)) throw new BadUse(`--jobs takes a number of threads, not "${jobs}".`);
  return Number(jobs);
}

/** A target that nobody knows is told once, not for each file. */
async function mustBeKnown(target: readonly string[] | undefined, tools: Tools): Promise<void> {
  if (target === undefined) return;
  const { problems } = await settingsOf({ target }, tools);
  if (problems.length > 0) throw new BadUse(problems.join("\n"));
}

function sumUp(reports: readonly FileReport[]): void {
  const findings = reports.flatMap((report) => report.findings);
  const fixed = reports.reduce((sum, report) => sum + report.fixed, 0);
  if (fixed > 0) complain(`${counted(fixed, "finding")} fixed`);
  if (findings.length === 0) return;
  const bySeverity = SEVERITIES.map((severity) => ({
    severity,
    count: findings.filter((finding) => finding.severity === severity).length,
  })).filter(({ count }) => count > 0);
  const kinds = bySeverity.map(({ severity, count }) => counted(count, severity)).join(", ");
  const fixable = findings.filter(({ fixes: [fix] }) => fix?.safe === true).length;
  const help = fixable === 0 ? "" : `; --fix mends ${fixable}`;
  complain(`${counted(findings.length, "finding")} in ${counted(reports.length, "file")}: ${kinds}${help}`);
}

function statistics(reports: readonly FileReport[], ms: number): string {
  const counts = new Map<string, number>();
  for (const { rule } of reports.flatMap(({ findings }) => findings)) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  const rows = [...counts].sort((a, b) => b[1] - a[1]).map(([rule, count]) => `${String(count).padStart(7)}  ${rule}`);
  const perSecond = Math.round((reports.length / ms) * 1000);
  return [...rows, `${counted(reports.length, "file")} in ${(ms / 1000).toFixed(2)} s (${perSecond} a second)`].join(
    "\n",
  );
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 || what === "info" ? "" : "s"}`;
}
