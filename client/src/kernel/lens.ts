/** Above each program: a way to verify it, what the kernel said of it, and what that cost. */

import * as vscode from "vscode";
import { costText } from "../../../server/src/toolchain/verifier-view.ts";
import { isBpfDocument } from "../bpf-documents.ts";
import type { Session } from "../session-options.ts";
import { knownPrograms, type ProgramPlace } from "./programs.ts";
import { onVerdicts, type Verdict, verdictOf } from "./verdicts.ts";

/** What the lens hands over to the command. */
export interface OneProgram {
  readonly source: string;
  readonly program: string;
}

export const SHOW_COST = "hookpoint.verifier.showCost";
const SETTING = "hookpoint.codeLens.verifier";

export function startLens(context: vscode.ExtensionContext, session: Session): void {
  const programs = knownPrograms(session);
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses: async (document) => {
      if (!isWanted(document)) return [];
      return (await programs.of(document)).flatMap((place) => lensesOf(document.uri, place));
    },
  };
  context.subscriptions.push(
    programs,
    changed,
    programs.onChange(() => changed.fire()),
    onVerdicts(() => changed.fire()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SETTING)) changed.fire();
    }),
    vscode.languages.registerCodeLensProvider(
      [
        { scheme: "file", language: "c" },
        { scheme: "file", language: "cpp" },
      ],
      provider,
    ),
  );
}

function isWanted(document: vscode.TextDocument): boolean {
  if (!vscode.workspace.isTrusted || !document.uri.path.endsWith(".c") || !isBpfDocument(document)) return false;
  return vscode.workspace.getConfiguration(undefined, document.uri).get<boolean>(SETTING, true);
}

function lensesOf(source: vscode.Uri, { name, range }: ProgramPlace): readonly vscode.CodeLens[] {
  const one: OneProgram = { source: source.toString(), program: name };
  const verdict = verdictOf(source, name);
  const verify = {
    title: verdict === undefined ? "Verify" : "Verify Again",
    tooltip: "Load this program into the kernel and let it go again; nothing is attached",
    command: "hookpoint.verifyInKernel",
    arguments: [one],
  };
  const line = new vscode.Range(range.start, range.start);
  const lenses = [new vscode.CodeLens(line, verify)];
  if (verdict !== undefined)
    lenses.unshift(
      new vscode.CodeLens(line, {
        title: titleOf(verdict),
        tooltip: `What ${verdict.kernel} said of it`,
        command: SHOW_COST,
        arguments: [one],
      }),
    );
  return lenses;
}

function titleOf({ program: { verdict, stats, answers }, before }: Verdict): string {
  if (verdict !== "accepted") return `$(error)\u00a0Refused${answers[0] === undefined ? "" : `: ${answers[0].title}`}`;
  return `$(pass)\u00a0${(stats && costText(stats, before)) ?? "Accepted"}`;
}
