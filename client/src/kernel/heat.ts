/** Lines coloured by how often the verifier came by them; the one with the cursor says it in words. */

import * as vscode from "vscode";
import { moved } from "../../../server/src/toolchain/moved.ts";
import type { Heat } from "../../../server/src/toolchain/verifier-view.ts";

export interface HotLine {
  readonly uri: vscode.Uri;
  readonly range: vscode.Range;
  readonly heat: Heat;
}

const SETTING = "hookpoint.verify.heat";

/** By what was verified. */
const hot = new Map<string, readonly HotLine[]>();
let drawn: Decorations | undefined;

export function showHeat(about: vscode.Uri, lines: readonly HotLine[], context: vscode.ExtensionContext): void {
  drawn ??= start(context);
  hot.set(about.toString(), lines);
  refresh();
}

export async function toggleHeat(): Promise<void> {
  const settings = vscode.workspace.getConfiguration();
  await settings.update(SETTING, !settings.get<boolean>(SETTING, true), vscode.ConfigurationTarget.Global);
}

/** From rare to often; told apart by height as well as by colour. */
const COLOURS = ["#8a8a8a", "#e0b000", "#e07b00", "#d03838"];

interface Decorations {
  /** One for each level. */
  readonly bars: readonly vscode.TextEditorDecorationType[];
  readonly words: vscode.TextEditorDecorationType;
}

function barOf(colour: string, i: number): vscode.TextEditorDecorationType {
  const height = 4 + i * 4;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect x="10" y="${16 - height}" width="4" height="${height}" rx="1" fill="${colour}"/></svg>`;
  return vscode.window.createTextEditorDecorationType({
    gutterIconPath: vscode.Uri.parse(`data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`),
    gutterIconSize: "contain",
    ...(i > 1 ? { overviewRulerColor: colour, overviewRulerLane: vscode.OverviewRulerLane.Left } : {}),
  });
}

/** With the first that is shown: a file that nobody verifies costs nothing. */
function start({ subscriptions }: vscode.ExtensionContext): Decorations {
  const bars = COLOURS.map(barOf);
  const words = vscode.window.createTextEditorDecorationType({
    after: { color: new vscode.ThemeColor("editorCodeLens.foreground"), margin: "0 0 0 3em", fontStyle: "italic" },
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
  subscriptions.push(
    ...bars,
    words,
    vscode.window.onDidChangeVisibleTextEditors(refresh),
    vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
      if (linesOf(textEditor.document).length > 0) tell(textEditor);
    }),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0) follow(document.uri.toString(), contentChanges);
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SETTING)) refresh();
    }),
  );
  return { bars, words };
}

function refresh(): void {
  for (const editor of vscode.window.visibleTextEditors) {
    const lines = linesOf(editor.document);
    drawn?.bars.forEach((bar, i) => {
      editor.setDecorations(
        bar,
        lines
          .filter(({ heat }) => heat.level === i + 1)
          .map(({ range, heat }) => ({ range, hoverMessage: `The verifier looked at it ${heat.words}.` })),
      );
    });
    tell(editor);
  }
}

/** Behind the line with the cursor alone: numbers on every line would be in the way of the code. */
function tell(editor: vscode.TextEditor): void {
  if (drawn === undefined) return;
  const { line } = editor.selection.active;
  const here = linesOf(editor.document).filter(({ range }) => range.start.line === line);
  const end = editor.document.lineAt(line).range.end;
  editor.setDecorations(
    drawn.words,
    here.slice(0, 1).map(({ heat }) => ({
      range: new vscode.Range(end, end),
      renderOptions: { after: { contentText: `verifier: ${heat.words}` } },
    })),
  );
}

function linesOf({ uri }: vscode.TextDocument): readonly HotLine[] {
  const own = [...hot.values()].flat().filter((one) => one.uri.toString() === uri.toString());
  const isWanted = own.length > 0 && vscode.workspace.getConfiguration(undefined, uri).get<boolean>(SETTING, true);
  return isWanted ? own : [];
}

function follow(file: string, changes: readonly vscode.TextDocumentContentChangeEvent[]): void {
  if (![...hot.values()].flat().some(({ uri }) => uri.toString() === file)) return;
  for (const [about, lines] of hot)
    hot.set(
      about,
      lines.flatMap((one) => {
        if (one.uri.toString() !== file) return [one];
        // A line that says something else now has not been looked at.
        const now = moved(one.range, changes);
        return now === undefined ? [] : [{ ...one, range: new vscode.Range(now.start.line, 0, now.end.line, 0) }];
      }),
    );
  refresh();
}
