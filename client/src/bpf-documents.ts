/** Which open documents are BPF C. Only those are ever sent to the server. */

import { type TextDocument, type TextDocumentChangeEvent, type Uri, workspace } from "vscode";
import { isBpfSource, isLoaderSource } from "../../server/src/protocol.ts";

/** VS Code takes `.h` for C++. */
const LANGUAGES = new Set(["c", "cpp"]);

/** What is known of each document. A file stays BPF while it is open: half-way through an edit its findings must not vanish. */
const known = new WeakMap<TextDocument, boolean>();

/**
 * Whether a document is a file that somebody works on. VS Code's git opens the last commit of every open file as a document
 * of its own, `git:/x.bpf.c`, and chats open their code blocks: findings there would stand in the list of problems as well.
 */
function isFile(uri: Uri): boolean {
  return uri.scheme === "file" || uri.scheme === "untitled" || workspace.getWorkspaceFolder(uri) !== undefined;
}

export function isBpfDocument(document: TextDocument): boolean {
  if (!LANGUAGES.has(document.languageId) || !isFile(document.uri)) return false;
  const before = known.get(document);
  if (before !== undefined) return before;
  const isBpf = isBpfSource(document.uri.path, document.getText());
  known.set(document, isBpf);
  return isBpf;
}

const LOADER_LANGUAGES = new Set([...LANGUAGES, "go"]);

/** A program in user space that loads BPF objects: from its names one goes to the BPF code and back. */
export function isLoaderDocument(document: TextDocument): boolean {
  if (!LOADER_LANGUAGES.has(document.languageId) || !isFile(document.uri)) return false;
  return isLoaderSource(document.uri.path, document.getText());
}

/** The same after an edit. Only the lines that changed are looked at, so typing in plain C costs nothing. */
export function isBpfAfter(event: TextDocumentChangeEvent): boolean {
  const { document } = event;
  if (isBpfDocument(document)) return true;
  if (!LANGUAGES.has(document.languageId) || !isFile(document.uri)) return false;
  const isBpf = changedLines(event).some((text) => isBpfSource("", text));
  if (isBpf) known.set(document, true);
  return isBpf;
}

export function isLoaderAfter(event: TextDocumentChangeEvent): boolean {
  const { uri, languageId } = event.document;
  if (!LOADER_LANGUAGES.has(languageId) || !isFile(uri)) return false;
  return changedLines(event).some((text) => isLoaderSource(uri.path, text)) && isLoaderDocument(event.document);
}

function changedLines({ document, contentChanges }: TextDocumentChangeEvent): readonly string[] {
  return contentChanges.map(({ range, text }) => {
    const last = range.start.line + (text.match(/\n/g)?.length ?? 0);
    const lines = range.with({
      start: range.start.with({ character: 0 }),
      end: document.lineAt(Math.min(last, document.lineCount - 1)).range.end,
    });
    return document.getText(lines);
  });
}
