/** What can be done about a refusal: the fixes of our rules that find the same, its page, the log at its step. */

import * as vscode from "vscode";
import { answerPage, sameFindings } from "../../../server/src/toolchain/verifier-view.ts";
import { linksOf } from "./links.ts";
import { showLog } from "./log-documents.ts";
import { showAnswerPage } from "./page.ts";
import { EXPLAIN, type Problem, problemOf, ruleOf } from "./problems.ts";

export interface Asked {
  readonly diagnostic: vscode.Diagnostic;
  readonly problem: Problem;
}

/** Of no use in the palette. */
const PAGE = "Verifier";
const SHOW_LOG = "hookpoint.verifier.showLog";

/** Once, before the first problem is shown. */
export function registerActions(context: vscode.ExtensionContext): void {
  context.subscriptions.push(
    vscode.commands.registerCommand(EXPLAIN, async (number: unknown) => {
      const problem = problemOf(number);
      if (problem !== undefined) await showAnswerPage(PAGE, answerPage(problem.answer, linksOf([problem])), context);
    }),
    vscode.commands.registerCommand(SHOW_LOG, async (number: unknown) => {
      const problem = problemOf(number);
      if (problem?.program !== undefined) await showLog(problem.program, context, problem.answer);
    }),
  );
}

export async function actionsFor(document: vscode.TextDocument, asked: readonly Asked[]): Promise<vscode.CodeAction[]> {
  const offered = asked.map(async ({ diagnostic, problem }) => [
    ...(await fixesOfRules(document, diagnostic, problem)),
    ...(problem.program?.log ? [action("Show Verifier Log at This Step", SHOW_LOG, problem.number, diagnostic)] : []),
    action(`Explain "${problem.answer.title}"`, EXPLAIN, problem.number, diagnostic),
  ]);
  return (await Promise.all(offered)).flat();
}

function action(title: string, command: string, number: number, diagnostic: vscode.Diagnostic): vscode.CodeAction {
  const made = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  made.command = { title, command, arguments: [number] };
  made.diagnostics = [diagnostic];
  return made;
}

let isAsking = false;

/** The language server has its own findings where the mistake is, which need not be where the verifier noticed. */
async function fixesOfRules(
  document: vscode.TextDocument,
  diagnostic: vscode.Diagnostic,
  { answer, lines }: Problem,
): Promise<readonly vscode.CodeAction[]> {
  // What is asked below asks us too.
  if (answer.rules.length === 0 || isAsking) return [];
  const all = vscode.languages
    .getDiagnostics(document.uri)
    .filter(({ source }) => source === "hookpoint")
    .map((finding) => ({ range: finding.range, rule: ruleOf(finding) }));
  const findings = sameFindings(answer, all, { file: document.uri.fsPath, ...(lines && { program: lines }) });
  if (findings.length === 0) return [];
  isAsking = true;
  try {
    const lists = await Promise.all(
      findings.map(({ range }) =>
        vscode.commands.executeCommand<readonly vscode.CodeAction[]>(
          "vscode.executeCodeActionProvider",
          document.uri,
          range,
          vscode.CodeActionKind.QuickFix.value,
        ),
      ),
    );
    return (
      lists
        .flat()
        .filter(({ diagnostics = [] }) => diagnostics.some((one) => answer.rules.includes(ruleOf(one))))
        // What allows a finding changes nothing for the kernel.
        .filter(({ title, edit }) => edit !== undefined && !title.startsWith("Allow "))
        .map(({ title, edit }) => {
          const made = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
          if (edit !== undefined) made.edit = edit;
          made.diagnostics = [diagnostic];
          return made;
        })
    );
  } finally {
    isAsking = false;
  }
}
