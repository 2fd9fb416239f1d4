/** What can be done about a compiler's message: the edits that it proposes, and what would get what is missing. */

import * as vscode from "vscode";
import type { BuildDiagnostic } from "../../../server/src/toolchain/build-diagnostic.ts";
import type { Installable, Remedy } from "../../../server/src/toolchain/problem.ts";
import { offerInstall } from "../install.ts";

/** Once, before the first action is offered. */
export function registerInstall(): void {
  vscode.commands.registerCommand(INSTALL, (what: Installable) => offerInstall([what]));
}

export function actionsFor(said: BuildDiagnostic, asked: vscode.Diagnostic): readonly vscode.CodeAction[] {
  const mend = said.fixes.map(({ title, edits }) => {
    const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
    action.edit = new vscode.WorkspaceEdit();
    for (const edit of edits)
      action.edit.replace(
        vscode.Uri.file(edit.file),
        new vscode.Range(
          edit.range.start.line,
          edit.range.start.character,
          edit.range.end.line,
          edit.range.end.character,
        ),
        edit.newText,
      );
    action.diagnostics = [asked];
    return action;
  });
  return [...mend, ...remedies(said.explanation?.remedy ?? {}, asked)];
}

function remedies({ command, install, setting }: Remedy, asked: vscode.Diagnostic): readonly vscode.CodeAction[] {
  const offered: readonly vscode.Command[] = [
    ...(command === undefined ? [] : [{ title: command.title, command: command.id }]),
    ...(install === undefined ? [] : [{ title: `Install ${install}…`, command: INSTALL, arguments: [install] }]),
    ...(setting === undefined
      ? []
      : [{ title: `Open the setting ${setting}`, command: "workbench.action.openSettings", arguments: [setting] }]),
  ];
  return offered.map((one) => {
    const action = new vscode.CodeAction(one.title, vscode.CodeActionKind.QuickFix);
    action.command = one;
    action.diagnostics = [asked];
    return action;
  });
}

/** Of no use in the palette. */
const INSTALL = "hookpoint.build.install";
