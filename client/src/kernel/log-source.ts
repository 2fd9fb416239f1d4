/** Where a log comes from that is to be explained: the selection, the clipboard, an open document, a file. */

import * as vscode from "vscode";

export interface LogSource {
  /** What the page about it is called. */
  readonly name: string;
  readonly bytes: () => Promise<Uint8Array>;
}

/** Undefined where the person has left. */
export async function chooseLog(): Promise<LogSource | undefined> {
  const offered = [...openOnes(), ...(await clipboard())];
  const file = { label: "$(folder-opened) A file…", detail: "A log that was saved", source: undefined };
  const items = [...offered, file];
  const options = { title: "Explain Verifier Log", placeHolder: "Where is the log?" };
  const chosen = await vscode.window.showQuickPick(items, options);
  return chosen === file ? await chooseFile() : chosen?.source;
}

interface Offered extends vscode.QuickPickItem {
  readonly source: LogSource;
}

export function fileSource(uri: vscode.Uri): LogSource {
  return { name: nameOf(uri), bytes: async () => vscode.workspace.fs.readFile(uri) };
}

async function chooseFile(): Promise<LogSource | undefined> {
  const options = { title: "Explain Verifier Log", openLabel: "Explain" };
  const [uri] = (await vscode.window.showOpenDialog(options)) ?? [];
  return uri && fileSource(uri);
}

function openOnes(): readonly Offered[] {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return [];
  const { document, selection } = editor;
  const name = nameOf(document.uri);
  const whole = offer(`$(file) ${name}`, name, document.getText());
  return selection.isEmpty
    ? whole
    : [
        ...offer(`$(list-selection) The selection in ${name}`, `Selection in ${name}`, document.getText(selection)),
        ...whole,
      ];
}

async function clipboard(): Promise<readonly Offered[]> {
  return offer("$(clippy) The clipboard", "Pasted log", await vscode.env.clipboard.readText());
}

/** What is empty is not offered. */
function offer(label: string, name: string, text: string): readonly Offered[] {
  const first = text.split("\n", 200).find((line) => line.trim() !== "");
  if (first === undefined) return [];
  const detail = first.trim().slice(0, SHOWN);
  return [{ label, detail, source: { name, bytes: async () => new TextEncoder().encode(text) } }];
}

const SHOWN = 100;

function nameOf({ path }: vscode.Uri): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
