/** The programs of a source and their lines: asked of the language server when it is opened and saved, moved with edits between. */

import * as vscode from "vscode";
import { type Description, MODEL_REQUEST, type ModelParams } from "../../../server/src/protocol.ts";
import type { Session } from "../session-options.ts";
import { rangeAfter } from "./edits.ts";

export interface ProgramPlace {
  readonly name: string;
  readonly section: string | null;
  readonly range: vscode.Range;
}

/** What a source means; null where it cannot be read. */
export async function askModel(uri: vscode.Uri, { client }: Session): Promise<Description | null> {
  const params: ModelParams = { uri: uri.toString() };
  return client.sendRequest<Description | null>(MODEL_REQUEST, params);
}

/** Asks anew. */
async function askPrograms(uri: vscode.Uri, session: Session): Promise<readonly ProgramPlace[]> {
  return programsIn(await askModel(uri, session));
}

export function programsIn(model: Description | null): readonly ProgramPlace[] {
  return (model?.programs ?? []).map(({ name, section, range }) => ({
    name,
    section,
    range: rangeOf(range as Printed),
  }));
}

/** As `hookpoint model` prints it, from 1. */
interface Printed {
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
}

function rangeOf({ start, end }: Printed): vscode.Range {
  return new vscode.Range(start.line - 1, start.column - 1, end.line - 1, end.column - 1);
}

export interface KnownPrograms extends vscode.Disposable {
  readonly onChange: vscode.Event<void>;
  readonly of: (document: vscode.TextDocument) => Promise<readonly ProgramPlace[]>;
}

export function knownPrograms(session: Session): KnownPrograms {
  const known = new Map<string, Promise<readonly ProgramPlace[]>>();
  const changed = new vscode.EventEmitter<void>();
  const forget = ({ uri }: vscode.TextDocument): boolean => known.delete(uri.toString());
  const listeners = [
    changed,
    vscode.workspace.onDidSaveTextDocument((document) => {
      if (forget(document)) changed.fire();
    }),
    vscode.workspace.onDidCloseTextDocument(forget),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      const uri = document.uri.toString();
      const before = known.get(uri);
      if (before === undefined || contentChanges.length === 0) return;
      known.set(
        uri,
        before.then((places) => places.flatMap((place) => after(place, contentChanges) ?? [])),
      );
    }),
  ];
  return {
    onChange: changed.event,
    of: ({ uri }) => {
      const asked = known.get(uri.toString()) ?? askPrograms(uri, session).catch(() => []);
      known.set(uri.toString(), asked);
      return asked;
    },
    dispose: () => listeners.forEach((listener) => void listener.dispose()),
  };
}

function after(
  place: ProgramPlace,
  changes: readonly vscode.TextDocumentContentChangeEvent[],
): ProgramPlace | undefined {
  const range = rangeAfter(place.range, changes);
  return range && { ...place, range };
}
