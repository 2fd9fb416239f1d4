/** Compilers' messages as problems on their lines, in headers too, with the edits that clang proposes as quick fixes. */

import * as vscode from "vscode";
import type { BuildResult } from "../../../server/src/toolchain/build.ts";
import type { BuildDiagnostic, Fix } from "../../../server/src/toolchain/build-diagnostic.ts";
import { moved } from "../../../server/src/toolchain/moved.ts";
import { atHome } from "./at-home.ts";
import { actionsFor, registerInstall } from "./quick-fixes.ts";

const SOURCE = "hookpoint build";

/** What a build of a source has said of a file. */
interface Problem {
  readonly said: BuildDiagnostic;
  readonly diagnostic: vscode.Diagnostic;
}

/** By source and then by file: the same header can be wrong for one source and right for another. */
const problems = new Map<string, Map<string, readonly Problem[]>>();
let collection: vscode.DiagnosticCollection | undefined;

type Changes = readonly vscode.TextDocumentContentChangeEvent[];

/** What was typed while a build ran, by file: what it says is about the text before. */
export type Typed = ReadonlyMap<string, readonly Changes[]>;

/** Takes the place of what the last build of that source has said. */
export function showProblems(
  { plan, diagnostics }: Pick<BuildResult, "plan" | "diagnostics">,
  typed: Typed = new Map(),
): void {
  collection ??= begin();
  const source = vscode.Uri.file(plan.source).toString();
  const before = problems.get(source)?.keys() ?? [];
  const byFile = new Map<string, Problem[]>();
  for (const said of atHome(diagnostics)) {
    const file = vscode.Uri.file(said.file).toString();
    const problem = (typed.get(file) ?? []).reduce<Problem | undefined>(
      (before, changes) => before && after(before, changes),
      { said, diagnostic: diagnosticOf(said) },
    );
    if (problem !== undefined) byFile.set(file, [...(byFile.get(file) ?? []), problem]);
  }
  problems.set(source, byFile);
  for (const file of new Set([...before, ...byFile.keys()])) refresh(file);
}

/** Shows what all builds say of a file, each thing once, less what the language server finds there itself. */
function refresh(file: string): void {
  const uri = vscode.Uri.parse(file);
  const all = [...problems.values()].flatMap((byFile) => byFile.get(file) ?? []);
  const seen = new Set<string>();
  const own = vscode.languages.getDiagnostics(uri).filter(({ source }) => source === "hookpoint");
  const shown = all.filter(({ said, diagnostic }) => {
    const key = JSON.stringify([diagnostic.range, diagnostic.message]);
    return !seen.has(key) && seen.add(key) && !own.some((finding) => isSame(finding, said, diagnostic));
  });
  const wanted = shown.map(({ diagnostic }) => diagnostic);
  const now = collection?.get(uri) ?? [];
  if (now.length !== wanted.length || now.some((one, i) => !isLike(one, wanted[i]))) collection?.set(uri, wanted);
}

/** The collection gives copies back. */
function isLike(one: vscode.Diagnostic, other: vscode.Diagnostic | undefined): boolean {
  if (other === undefined || one.severity !== other.severity || one.code !== other.code) return false;
  return one.range.isEqual(other.range) && one.message === other.message;
}

function isSame(finding: vscode.Diagnostic, { explanation }: BuildDiagnostic, { range }: vscode.Diagnostic): boolean {
  const { code } = finding;
  const rule = typeof code === "object" ? code.value : code;
  if (explanation === undefined || !explanation.rules.includes(String(rule))) return false;
  // The server counts a function's variables; clang stumbles over any of its lines.
  return explanation.id === "stack-limit" || finding.range.start.line === range.start.line;
}

function diagnosticOf({ range, severity, message, flag, notes, explanation }: BuildDiagnostic): vscode.Diagnostic {
  const text = explanation === undefined ? message : `${message}\n${explanation.text}`;
  const diagnostic = new vscode.Diagnostic(rangeOf(range), text, SEVERITIES[severity]);
  diagnostic.source = SOURCE;
  if (flag !== undefined) diagnostic.code = flag;
  diagnostic.relatedInformation = notes.map(
    (note) =>
      new vscode.DiagnosticRelatedInformation(
        new vscode.Location(vscode.Uri.file(note.file), rangeOf(note.range)),
        note.message,
      ),
  );
  return diagnostic;
}

const SEVERITIES = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
};

function rangeOf({ start, end }: BuildDiagnostic["range"]): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

function begin(): vscode.DiagnosticCollection {
  vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (contentChanges.length > 0) follow(document.uri.toString(), contentChanges);
  });
  vscode.workspace.onDidDeleteFiles(({ files }) => files.map(String).forEach(forget));
  // What the language server finds a moment later is not to stand there twice.
  vscode.languages.onDidChangeDiagnostics(({ uris }) => {
    for (const uri of uris) if (isKnown(uri.toString())) refresh(uri.toString());
  });
  registerInstall();
  vscode.languages.registerCodeActionsProvider(
    [
      { scheme: "file", language: "c" },
      { scheme: "file", language: "cpp" },
    ],
    { provideCodeActions: actions },
    { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
  );
  return vscode.languages.createDiagnosticCollection(SOURCE);
}

/** A source that is gone is built no more, and nothing would take its problems away. */
function forget(source: string): void {
  const files = problems.get(source)?.keys() ?? [];
  problems.delete(source);
  for (const file of files) refresh(file);
}

function isKnown(file: string): boolean {
  return [...problems.values()].some((byFile) => byFile.has(file));
}

/** Problems stay with their lines while the file is edited, and go with them. */
function follow(file: string, changes: readonly vscode.TextDocumentContentChangeEvent[]): void {
  if (!isKnown(file)) return;
  for (const byFile of problems.values()) {
    const list = byFile.get(file);
    if (list !== undefined)
      byFile.set(
        file,
        list.flatMap((problem) => after(problem, changes) ?? []),
      );
  }
  refresh(file);
}

function after(
  { said, diagnostic }: Problem,
  changes: readonly vscode.TextDocumentContentChangeEvent[],
): Problem | undefined {
  const range = moved(said.range, changes);
  if (range === undefined) return undefined;
  const fixes = said.fixes.flatMap((fix) => fixAfter(fix, said.file, changes) ?? []);
  const next = new vscode.Diagnostic(rangeOf(range), diagnostic.message, diagnostic.severity);
  const { source, code, relatedInformation } = diagnostic;
  Object.assign(next, { source, code, relatedInformation });
  return { said: { ...said, range, fixes }, diagnostic: next };
}

/** An edit of a line that has changed would spoil it. */
function fixAfter(
  { title, edits }: Fix,
  file: string,
  changes: readonly vscode.TextDocumentContentChangeEvent[],
): Fix | undefined {
  const still = edits.map((edit) => ({ ...edit, range: edit.file === file ? moved(edit.range, changes) : edit.range }));
  const known = still.flatMap((edit) => (edit.range === undefined ? [] : [{ ...edit, range: edit.range }]));
  return known.length === edits.length ? { title, edits: known } : undefined;
}

function actions(
  document: vscode.TextDocument,
  _range: vscode.Range,
  { diagnostics }: vscode.CodeActionContext,
): vscode.CodeAction[] {
  const file = document.uri.toString();
  const all = [...problems.values()].flatMap((byFile) => byFile.get(file) ?? []);
  return diagnostics
    .filter(({ source }) => source === SOURCE)
    .flatMap((asked) => {
      const problem = all.find(({ diagnostic }) => isLike(asked, diagnostic));
      return problem === undefined ? [] : actionsFor(problem.said, asked);
    });
}
