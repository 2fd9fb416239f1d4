/** Feature: code actions. The fixes of the findings at a place. Findings are computed anew, nothing is remembered. */

import type { CodeAction, WorkspaceEdit } from "vscode-languageserver-types";
import { insertAt } from "../analysis/edits.ts";
import { applyFixes, safetyOf } from "../analysis/fix.ts";
import type { Finding } from "../analysis/lint.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import { type Range, rangesTouch, type TextEdit } from "../analysis/text.ts";
import { FIX_ALL } from "./agreed.ts";
import { type DiagnosticsOptions, diagnostics } from "./diagnostics.ts";

export interface CodeActionOptions extends DiagnosticsOptions {
  /** The kinds that the editor asks for; all when left out. */
  readonly only?: readonly string[] | undefined;
  /** Of the text, for an editor that then leaves out edits which came too late. */
  readonly version?: number | undefined;
}

export function codeActions(
  file: Snapshot,
  findings: readonly Finding[],
  range: Range,
  options: CodeActionOptions,
): CodeAction[] {
  const here = findings.filter((finding) => rangesTouch(finding.range, range));
  const wants = (kind: string): boolean =>
    options.only?.some((one) => one === "" || kind === one || kind.startsWith(`${one}.`)) ?? true;
  const fixes = here.flatMap((finding) => fixActions(file, finding, options));
  // Below all fixes: what to do when none is wanted.
  const others = firstOfEach(here).flatMap((finding) => otherActions(file, finding, options));
  return [
    ...(wants("quickfix") ? [...fixes, ...others] : []),
    // An editor that names no kind wants what fits the place.
    ...(options.only !== undefined && wants(FIX_ALL) ? fixAll(file, findings, options) : []),
  ];
}

function fixActions(file: Snapshot, finding: Finding, options: CodeActionOptions): CodeAction[] {
  return (finding.fixes ?? []).map((fix, i) => ({
    title: fix.title,
    kind: "quickfix",
    diagnostics: diagnostics([finding], options),
    isPreferred: i === 0,
    edit: editOf(file, fix.edits, options),
  }));
}

function firstOfEach(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ rule }, i) => findings.findIndex((other) => other.rule === rule) === i);
}

function otherActions(file: Snapshot, finding: Finding, options: CodeActionOptions): CodeAction[] {
  const { id } = finding.rule;
  const about = { kind: "quickfix", diagnostics: diagnostics([finding], options) };
  const { explainCommand: command } = options;
  const line = allowEdit(file, finding);
  return [
    ...(line === undefined ? [] : [{ ...about, title: `Allow ${id} here`, edit: editOf(file, [line], options) }]),
    { ...about, title: `Allow ${id} in this file`, edit: editOf(file, [allowInFile(id)], options) },
    ...(command === undefined
      ? []
      : [{ ...about, title: `Explain ${id}`, command: { title: `Explain ${id}`, command, arguments: [id] } }]),
  ];
}

const COMMENT_ABOVE = /hookpoint:\s*allow\s+[a-z][\w-]*(?:\s*,\s*[a-z][\w-]*)*/;

/** A comment above the line, or one more name in the one that stands there; undefined inside a macro of several lines. */
function allowEdit({ lines }: Snapshot, { range, rule }: Finding): TextEdit | undefined {
  const { line } = range.start;
  const above = lines.textOf(line - 1);
  const known = COMMENT_ABOVE.exec(above);
  if (known !== null && /^\s*\/[/*]/.test(above))
    return insertAt({ line: line - 1, character: known.index + known[0].length }, `, ${rule.id}`);
  if (above.endsWith("\\")) return undefined;
  const indentation = /^\s*/.exec(lines.textOf(line))?.[0] ?? "";
  return insertAt({ line, character: 0 }, `${indentation}// hookpoint: allow ${rule.id}\n`);
}

function allowInFile(rule: string): TextEdit {
  return insertAt({ line: 0, character: 0 }, `// hookpoint: allow-file ${rule}\n`);
}

/** Everything that keeps its meaning, at once: what "fix on save" asks for. */
function fixAll(file: Snapshot, findings: readonly Finding[], options: CodeActionOptions): CodeAction[] {
  const safe = findings.filter(({ fixes: [fix] = [], ...finding }) => fix && safetyOf(fix, finding) === "safe");
  const { edits, applied } = applyFixes(file.text, safe, { unsafe: false });
  if (applied.length === 0) return [];
  const title = `Fix all of Hookpoint's findings that have a safe fix (${applied.length})`;
  return [{ title, kind: FIX_ALL, edit: editOf(file, edits, options) }];
}

function editOf({ uri }: Snapshot, edits: readonly TextEdit[], { version }: CodeActionOptions): WorkspaceEdit {
  if (version === undefined) return { changes: { [uri]: [...edits] } };
  return { documentChanges: [{ textDocument: { uri, version }, edits: [...edits] }] };
}
