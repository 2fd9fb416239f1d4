/** What a verifier or a loader refuses, as problems on the lines that it is about; they stay until the next verification. */

import * as vscode from "vscode";
import {
  type Answer,
  CLASS_NAMES,
  type Lines,
  type Place,
  type ProgramAnswer,
} from "../../../server/src/toolchain/verifier-view.ts";
import { actionsFor, registerActions } from "./actions.ts";
import { rangeAfter } from "./edits.ts";

/** An answer with its place in the person's files. */
export interface Located {
  readonly answer: Answer;
  /** Whose it is; undefined for what is of no program alone. */
  readonly program: ProgramAnswer | undefined;
  /** "Linux 6.18 on this machine"; undefined in a log that does not say. */
  readonly kernel: string | undefined;
  readonly uri: vscode.Uri;
  readonly range: vscode.Range;
  readonly story: readonly LocatedChapter[];
  /** The lines of its program, from 1, where they are known. */
  readonly lines: Lines | undefined;
}

export interface LocatedChapter {
  readonly place: Place;
  readonly text: string;
  readonly uri: vscode.Uri;
  readonly range: vscode.Range;
}

export interface Problem extends Located {
  readonly number: number;
}

/** By what was verified, a source or a log. */
const problems = new Map<string, readonly Problem[]>();
let collection: vscode.DiagnosticCollection | undefined;
let numbers = 0;

/**
 * Takes the place of what was said of it before, and of what a log or an object said of the lines of the same source.
 * @param program the only one that was asked about: what was said of others stays
 */
export function showAnswers(
  about: vscode.Uri,
  located: readonly Located[],
  context: vscode.ExtensionContext,
  program?: string,
): void {
  collection ??= begin(context);
  const own = about.toString();
  const before = allProblems();
  const stays = (one: Problem): boolean =>
    program !== undefined && one.program !== undefined && one.program.name !== program;
  for (const [other, list] of problems)
    problems.set(
      other,
      list.filter((one) => (other !== own && one.uri.toString() !== own) || stays(one)),
    );
  const now = located.map((one) => ({ ...one, number: numbers++ }));
  problems.set(own, [...(problems.get(own) ?? []), ...now]);
  for (const file of filesOf([...before, ...now])) refresh(file);
}

/** The problem that a link or an action was made for. */
export function problemOf(number: unknown): Problem | undefined {
  return allProblems().find((problem) => problem.number === number);
}

/** Puts the cursor where a program is refused; false where nothing says where. */
export async function goToFirst(program: ProgramAnswer): Promise<boolean> {
  const problem = allProblems().find((one) => one.program === program);
  if (problem === undefined) return false;
  await vscode.window.showTextDocument(problem.uri, { selection: problem.range });
  await vscode.commands.executeCommand("editor.action.showHover");
  return true;
}

/** Shows what all verifications say of a file, each thing once, less what the language server finds there itself. */
function refresh(file: string): void {
  const uri = vscode.Uri.parse(file);
  const found = vscode.languages.getDiagnostics(uri).filter(({ source }) => source === "hookpoint");
  const seen = new Set<string>();
  const shown = allProblems()
    .filter((problem) => problem.uri.toString() === file && !found.some((one) => isSame(one, problem)))
    .map(diagnosticOf)
    .filter(({ range, message }) => {
      const key = JSON.stringify([range, message]);
      return !seen.has(key) && seen.add(key);
    });
  const now = collection?.get(uri) ?? [];
  if (now.length !== shown.length || now.some((one, i) => !isLike(one, shown[i]))) collection?.set(uri, shown);
}

function allProblems(): readonly Problem[] {
  return [...problems.values()].flat();
}

function filesOf(list: readonly Problem[]): ReadonlySet<string> {
  return new Set(list.map(({ uri }) => uri.toString()));
}

function isSame(finding: vscode.Diagnostic, { answer, range }: Problem): boolean {
  return answer.rules.includes(ruleOf(finding)) && finding.range.start.line === range.start.line;
}

export function ruleOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === "object" ? code.value : code);
}

/** The collection gives copies back. */
function isLike(one: vscode.Diagnostic, other: vscode.Diagnostic | undefined): boolean {
  return (
    other !== undefined &&
    one.range.isEqual(other.range) &&
    one.message === other.message &&
    numberOf(one) === numberOf(other)
  );
}

function diagnosticOf({ answer, kernel, range, story, number }: Problem): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(range, messageOf(answer, kernel), vscode.DiagnosticSeverity.Error);
  diagnostic.source = `${answer.by} (${CLASS_NAMES[answer.class]})`;
  diagnostic.code = { value: answer.family ?? "message", target: linkTo(number) };
  diagnostic.relatedInformation = story.map(
    ({ uri, range: at, text }) => new vscode.DiagnosticRelatedInformation(new vscode.Location(uri, at), text),
  );
  return diagnostic;
}

function messageOf({ title, meaning, advice, said, by, family }: Answer, kernel: string | undefined): string {
  const who = by === "verifier" || by === "kernel" ? (kernel ?? `the ${by}`) : by === "loader" ? "the loader" : by;
  const words = said.includes("\n") ? `${capital(who)} says:\n${said}` : `${capital(who)} says: ${said}`;
  if (family === undefined) return words;
  return [meaning === "" ? title : `${title}. ${meaning}`, advice, words].filter((part) => part !== "").join("\n");
}

function capital(text: string): string {
  return /^libbpf/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

/** Opens the page about it, as the links of findings do. */
export const EXPLAIN = "hookpoint.verifier.explain";

function linkTo(number: number): vscode.Uri {
  return vscode.Uri.parse(`command:${EXPLAIN}?${encodeURIComponent(JSON.stringify([number]))}`);
}

function numberOf({ code }: vscode.Diagnostic): unknown {
  if (typeof code !== "object" || code.target.path !== EXPLAIN) return undefined;
  const [number] = JSON.parse(code.target.query) as readonly unknown[];
  return number;
}

function begin(context: vscode.ExtensionContext): vscode.DiagnosticCollection {
  const made = vscode.languages.createDiagnosticCollection("hookpoint verifier");
  context.subscriptions.push(
    made,
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0) follow(document.uri.toString(), contentChanges);
    }),
    vscode.workspace.onDidDeleteFiles(({ files }) => {
      for (const file of files) if (problems.has(file.toString())) showAnswers(file, [], context);
    }),
    // What the language server finds a moment later is not to stand there twice.
    vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      const known = filesOf(allProblems());
      for (const uri of uris) if (known.has(uri.toString())) refresh(uri.toString());
    }),
    vscode.languages.registerCodeActionsProvider(
      [{ language: "c" }, { language: "cpp" }],
      { provideCodeActions: actions },
      { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
    ),
  );
  registerActions(context);
  return made;
}

function follow(file: string, changes: readonly vscode.TextDocumentContentChangeEvent[]): void {
  if (!filesOf(allProblems()).has(file)) return;
  for (const [about, list] of problems)
    problems.set(
      about,
      list.flatMap((problem) => after(problem, file, changes) ?? []),
    );
  refresh(file);
}

function after(
  problem: Problem,
  file: string,
  changes: readonly vscode.TextDocumentContentChangeEvent[],
): Problem | undefined {
  const range = problem.uri.toString() === file ? rangeAfter(problem.range, changes) : problem.range;
  if (range === undefined) return undefined;
  const story = problem.story.flatMap((chapter) => {
    const at = chapter.uri.toString() === file ? rangeAfter(chapter.range, changes) : chapter.range;
    return at === undefined ? [] : [{ ...chapter, range: at }];
  });
  return { ...problem, range, story };
}

function actions(
  document: vscode.TextDocument,
  _range: vscode.Range,
  { diagnostics }: vscode.CodeActionContext,
): Promise<vscode.CodeAction[]> {
  const asked = diagnostics.flatMap((diagnostic) => {
    const problem = problemOf(numberOf(diagnostic));
    return problem === undefined ? [] : [{ diagnostic, problem, number: problem.number }];
  });
  return actionsFor(document, asked);
}
