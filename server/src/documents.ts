/** The open files: their text as the editor has it, and one snapshot per version, made when somebody asks. */

import { TextDocument, type TextDocumentContentChangeEvent } from "vscode-languageserver-textdocument";
import { type Headers, noHeaders } from "./analysis/header.ts";
import { type Built, buildModel } from "./analysis/model.ts";
import type { Snapshot } from "./analysis/snapshot.ts";
import type { Syntax } from "./analysis/syntax/tree.ts";
import { MAX_LENGTH } from "./core.ts";

export class Documents {
  private readonly open = new Map<string, OpenDocument>();

  get size(): number {
    return this.open.size;
  }

  uris(): string[] {
    return [...this.open.keys()];
  }

  add(uri: string, languageId: string, version: number, text: string): void {
    this.remove(uri);
    this.open.set(uri, { document: TextDocument.create(uri, languageId, version, text), headers: noHeaders });
  }

  change(uri: string, version: number, changes: TextDocumentContentChangeEvent[]): void {
    const entry = this.open.get(uri);
    if (entry === undefined) return;
    TextDocument.update(entry.document, changes, version);
    delete entry.snapshot;
  }

  remove(uri: string): void {
    this.open.get(uri)?.built?.tree.dispose();
    this.open.delete(uri);
  }

  version(uri: string): number | undefined {
    return this.open.get(uri)?.document.version;
  }

  length(uri: string): number {
    return this.open.get(uri)?.document.getText().length ?? 0;
  }

  text(uri: string): string | undefined {
    return this.open.get(uri)?.document.getText();
  }

  /** What the file takes from its headers; a change makes a new snapshot of the same version. */
  setHeaders(uri: string, headers: Headers): void {
    const entry = this.open.get(uri);
    if (entry === undefined || entry.headers === headers) return;
    entry.headers = headers;
    delete entry.snapshot;
  }

  /** The snapshot of the version that is open, where it has been made. */
  current(uri: string): Snapshot | undefined {
    return this.open.get(uri)?.snapshot;
  }

  /** What was read of headers counts no more. */
  forgetSnapshots(uris: readonly string[]): void {
    for (const uri of uris) delete this.open.get(uri)?.snapshot;
  }

  /** The open files that include another. */
  including(uri: string): string[] {
    return this.uris().filter((other) => this.open.get(other)?.headers.list.some((header) => header.uri === uri));
  }

  /** The file as it is now; undefined when it is not open or too large to analyse. */
  snapshot(uri: string, syntax: Syntax | undefined): Snapshot | undefined {
    const entry = this.open.get(uri);
    if (entry === undefined) return undefined;
    entry.snapshot ??= this.build(entry, syntax, entry.built);
    return entry.snapshot;
  }

  /** Forgets what was read, so that nothing said about the file depends on the order in which it was typed. */
  refresh(uri: string): void {
    const entry = this.open.get(uri);
    entry?.built?.tree.dispose();
    delete entry?.built;
    delete entry?.snapshot;
  }

  /** Otherwise the first key would wait until it is known where the lines begin. */
  findLines(uri: string): void {
    void this.open.get(uri)?.document.lineCount;
  }

  /** Reads the file as if somebody had typed a blank, and keeps nothing of that. */
  rehearse(uri: string, syntax: Syntax | undefined): Snapshot | undefined {
    const { document, headers, built } = this.open.get(uri) ?? {};
    if (document === undefined || built === undefined || document.getText().length >= MAX_LENGTH) return undefined;
    const at = (built.outline.functions[0]?.bodySpan.start ?? 0) + 1;
    const text = `${built.lowered.source.slice(0, at)} ${built.lowered.source.slice(at)}`;
    const { tree: _, ...previous } = built;
    const { model, lines, tree } = buildModel(text, syntax, { previous, headers });
    tree.dispose();
    return { uri, text, lines, model };
  }

  private build(entry: OpenDocument, syntax: Syntax | undefined, previous: Built | undefined): Snapshot | undefined {
    const { document, built } = entry;
    const text = document.getText();
    delete entry.built;
    if (text.length <= MAX_LENGTH) entry.built = buildModel(text, syntax, { previous, headers: entry.headers });
    built?.tree.dispose();
    return entry.built && { uri: document.uri, text, lines: entry.built.lines, model: entry.built.model };
  }
}

interface OpenDocument {
  readonly document: TextDocument;
  /** Kept over a change, so that the next version is read incrementally. */
  built?: Built;
  snapshot?: Snapshot | undefined;
  headers: Headers;
}
