/** One file of `hookpoint check`: read, mended where that is wanted, and reported. */

import { pathToFileURL } from "node:url";
import { applyFixes, safetyOf } from "../analysis/fix.ts";
import type { Finding } from "../analysis/lint.ts";
import { type Built, buildModel } from "../analysis/model.ts";
import type { Rule } from "../analysis/rule.ts";
import { rules as allRules } from "../analysis/rules/index.ts";
import type { Lines } from "../analysis/text.ts";
import { findingsOf, syntaxFor } from "../core.ts";
import { mayWrite, stat, writeFile } from "../disk.ts";
import type { Settings } from "../settings.ts";
import type { FileReport, ReportedFinding } from "./report/report.ts";
import { readSource, reasonOf, settingsFor, type Tools } from "./source.ts";

/** What the command line asks for, as plain data: it goes to the other cores as well. */
export interface CheckOptions {
  readonly target?: readonly string[] | undefined;
  /** Only these; all when left out. */
  readonly rules?: readonly string[] | undefined;
  readonly fix: "none" | "safe" | "all";
}

export async function checkFile(path: string, tools: Tools, options: CheckOptions): Promise<FileReport> {
  try {
    return await checked(path, tools, options);
  } catch (error) {
    return { path, findings: [], fixed: 0, problems: [reasonOf(error)] };
  }
}

interface Looked {
  readonly findings: readonly Finding[];
  readonly lines: Lines;
}

async function checked(path: string, tools: Tools, options: CheckOptions): Promise<FileReport> {
  const given = options.target === undefined ? undefined : { target: options.target };
  const uri = pathToFileURL(path).href;
  const settings = withRules(await settingsFor(uri, tools, given), options.rules);
  const problems: string[] = [];
  const { text, mark } = await readSource(path);
  const look = (now: string): Promise<Looked> =>
    built(uri, now, tools, ({ model, lines }) => {
      const onCrash = (rule: string, error: unknown): void =>
        void problems.push(`rule ${rule} failed: ${reasonOf(error)}`);
      return { findings: findingsOf(model, tools.core.kb, settings, onCrash, { only: chosenRules(options) }), lines };
    });
  const before = await look(text);
  if (options.fix === "none") return { path, findings: reported(before), fixed: 0, problems };
  const mended = await mend(text, before, look, options.fix === "all");
  if (mended.fixed === 0) return { path, findings: reported(before), fixed: 0, problems };
  const problem = await whyNotWritten(path, text, mended.text, tools);
  if (problem !== undefined) return { path, findings: reported(before), fixed: 0, problems: [...problems, problem] };
  await writeFile(path, mark + mended.text);
  return { path, findings: reported(mended.looked), fixed: mended.fixed, problems };
}

/** One fix may make room for the next; more rounds than this are two rules that undo each other. */
const ROUNDS = 10;

async function mend(
  text: string,
  first: Looked,
  look: (text: string) => Promise<Looked>,
  unsafe: boolean,
): Promise<{ readonly text: string; readonly looked: Looked; readonly fixed: number }> {
  let state = { text, looked: first, fixed: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const next = applyFixes(state.text, state.looked.findings, { unsafe });
    if (next.text === state.text) break;
    state = { text: next.text, looked: await look(next.text), fixed: state.fixed + next.applied.length };
  }
  return state;
}

/** A fix is a promise: what was C stays C, and nobody's read-only file is written. */
async function whyNotWritten(path: string, before: string, after: string, tools: Tools): Promise<string | undefined> {
  const { mode } = await stat(path);
  if ((mode & 0o222) === 0 || !(await mayWrite(path))) return "is read-only, so nothing was fixed";
  const [was, is] = [await errorsIn(path, before, tools), await errorsIn(path, after, tools)];
  return is > was ? "the fixes would leave what is no C, so none was applied; please report this" : undefined;
}

async function errorsIn(path: string, text: string, tools: Tools): Promise<number> {
  const syntax = await tools.core.syntax();
  const found = await tools.headers.follow(pathToFileURL(path).href, text);
  const { model, tree } = buildModel(text, syntax, { headers: found });
  try {
    return model.errors().length;
  } finally {
    tree.dispose();
  }
}

async function built<T>(uri: string, text: string, tools: Tools, use: (built: Built) => T): Promise<T> {
  const found = await tools.headers.follow(uri, text);
  tools.headers.leave(uri);
  const whole = buildModel(text, await syntaxFor(text, tools.core), { headers: found });
  try {
    return use(whole);
  } finally {
    whole.tree.dispose();
  }
}

/** Who names a rule wants to hear it, even one that is off. */
function withRules(settings: Settings, named: readonly string[] | undefined): Settings {
  if (named === undefined) return settings;
  const asked = allRules.filter(({ meta }) => named.includes(meta.id) && settings.severities[meta.id] === undefined);
  const severities = Object.fromEntries(asked.map(({ meta }) => [meta.id, meta.severity]));
  return { ...settings, severities: { ...settings.severities, ...severities } };
}

function chosenRules({ rules }: CheckOptions): readonly Rule[] | undefined {
  return rules && allRules.filter(({ meta }) => rules.includes(meta.id));
}

function reported({ findings, lines }: Looked): readonly ReportedFinding[] {
  return findings.map((finding) => ({
    rule: finding.rule.id,
    severity: finding.severity,
    message: finding.message,
    range: finding.range,
    line: lines.textOf(finding.range.start.line),
    fixes: (finding.fixes ?? []).map((fix) => ({
      title: fix.title,
      safe: safetyOf(fix, finding) === "safe",
      edits: fix.edits,
    })),
    related: finding.related ?? [],
  }));
}
