/** The instructions of an object beside its source, with the cursor of either marking the place in the other. */

import { basename, normalize } from "node:path";
import * as vscode from "vscode";
import { type ListingText, listingOf } from "../../../server/src/toolchain/object.ts";
import { type ObjectDocuments, objectDocuments } from "./object-documents.ts";

const SCHEME = "hookpoint-disassembly";

let documents: ObjectDocuments | undefined;

/** What each document shows, by its address. */
const shown = new Map<string, ListingText>();

export async function showListing(object: vscode.Uri, context: vscode.ExtensionContext): Promise<void> {
  documents ??= start(context);
  const source = vscode.window.activeTextEditor;
  const document = await vscode.workspace.openTextDocument(documents.uriFor(object));
  const visible = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
  const viewColumn = visible?.viewColumn ?? vscode.ViewColumn.Beside;
  await vscode.window.showTextDocument(document, { viewColumn, preserveFocus: true, preview: false });
  if (source !== undefined) follow(source);
}

function start(context: vscode.ExtensionContext): ObjectDocuments {
  context.subscriptions.push(
    mark,
    vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
      // Only who has the cursor leads; what is revealed elsewhere must not lead back.
      if (textEditor === vscode.window.activeTextEditor) follow(textEditor);
    }),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      const editor = vscode.window.activeTextEditor;
      if (document.uri.scheme === SCHEME && editor !== undefined) follow(editor);
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      if (uri.scheme !== SCHEME) return;
      shown.delete(uri.toString());
      if (shown.size === 0) for (const editor of vscode.window.visibleTextEditors) editor.setDecorations(mark, []);
    }),
  );
  return objectDocuments(context, SCHEME, ".bpf-asm", async (path, facts, uri) => {
    // A failure must not leave the lines of what was shown before.
    shown.delete(uri.toString());
    const listing = await listingOf(path, facts);
    shown.set(uri.toString(), listing);
    return listing.text;
  });
}

const mark = vscode.window.createTextEditorDecorationType({
  isWholeLine: true,
  backgroundColor: new vscode.ThemeColor("editor.rangeHighlightBackground"),
  overviewRulerColor: new vscode.ThemeColor("editorOverviewRuler.rangeHighlightForeground"),
});

function follow(editor: vscode.TextEditor): void {
  const own = shown.get(editor.document.uri.toString());
  if (own !== undefined) fromListing(editor, own);
  else for (const listing of vscode.window.visibleTextEditors) fromSource(editor, listing);
}

function fromSource(source: vscode.TextEditor, editor: vscode.TextEditor): void {
  const listing = shown.get(editor.document.uri.toString());
  if (listing === undefined) return;
  const file = fileIn(listing, source.document.uri);
  if (file === undefined) return;
  const wanted = source.selection.active.line + 1;
  const lines = listing.lines.filter((one) => one.sourceLine === wanted && one.file === file).map(({ line }) => line);
  highlight(editor, lines);
  source.setDecorations(mark, []);
}

function fromListing(editor: vscode.TextEditor, listing: ListingText): void {
  const at = editor.selection.active.line;
  // On a comment the instructions below it are meant.
  const place = listing.lines.find(({ line }) => line >= at);
  const lines =
    place === undefined
      ? []
      : listing.lines.filter((one) => one.sourceLine === place.sourceLine && one.file === place.file);
  editor.setDecorations(
    mark,
    lines.map(({ line }) => new vscode.Range(line, 0, line, 0)),
  );
  for (const source of vscode.window.visibleTextEditors) {
    if (source.document.uri.scheme !== "file") continue;
    const isHome = place !== undefined && fileIn(listing, source.document.uri) === place.file;
    if (isHome && place.sourceLine <= source.document.lineCount) highlight(source, [place.sourceLine - 1]);
    else source.setDecorations(mark, []);
  }
}

function highlight(editor: vscode.TextEditor, lines: readonly number[]): void {
  const ranges = lines.map((line) => new vscode.Range(line, 0, line, 0));
  editor.setDecorations(mark, ranges);
  // What is thought to be seen may just have been scrolled away: the editor knows best.
  const best = ranges.find((range) => editor.visibleRanges.some((seen) => seen.contains(range))) ?? ranges[0];
  if (best !== undefined) editor.revealRange(best, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

/** What the object calls a file: its path where it was built, which may have been another machine. */
function fileIn({ lines }: ListingText, { fsPath, scheme }: vscode.Uri): string | undefined {
  if (scheme !== "file") return undefined;
  const files = [...new Set(lines.map(({ file }) => file))];
  return files.find((file) => normalize(file) === fsPath) ?? files.find((file) => basename(file) === basename(fsPath));
}
