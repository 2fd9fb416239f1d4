/** Where in the person's files a place of an answer is. */

import * as vscode from "vscode";
import { type Place, placeRange, sameFile } from "../../../server/src/toolchain/verifier-view.ts";
import type { Edits } from "./edits.ts";

/** Finds the file that is named; undefined where there is none that it could be. */
export type FindFile = (name: string | undefined) => Promise<vscode.Uri | undefined>;

/** Undefined where the file is not here, or the line is gone by now. */
export async function locationOf(place: Place, find: FindFile, edits: Edits): Promise<vscode.Location | undefined> {
  const uri = await find(place.file);
  if (uri === undefined) return undefined;
  const text = edits.textOf(uri) ?? (await textOf(uri));
  if (text === undefined) return undefined;
  const { start, end } = placeRange(place, text.split(/\r?\n/));
  const range = edits.now(uri, new vscode.Range(start.line, start.character, end.line, end.character));
  return range && new vscode.Location(uri, range);
}

/** @param source what a name that says nothing stands for, and beside which others are looked for */
export function fileFinder(source: vscode.Uri | undefined): FindFile {
  const known = new Map<string | undefined, Promise<vscode.Uri | undefined>>();
  return (name) => {
    const found = known.get(name) ?? findFile(name, source);
    known.set(name, found);
    return found;
  };
}

async function findFile(name: string | undefined, source: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
  if (name === undefined) return source;
  const parts = name.split(/[/\\]/).filter((part) => part !== "" && part !== ".");
  const last = parts.at(-1);
  if (last === undefined) return undefined;
  if (isWhole(name)) {
    const uri = vscode.Uri.file(name);
    if (await isThere(uri)) return uri;
  }
  if (source?.path.endsWith(`/${last}`)) return source;
  if (source !== undefined && !isWhole(name)) {
    const uri = vscode.Uri.joinPath(source, "..", ...parts);
    if (await isThere(uri)) return uri;
  }
  return closest(await named(last), name, parts);
}

/** Built elsewhere, or said without its folder: the file whose path agrees longest, where one does more than all others. */
function closest(files: readonly vscode.Uri[], name: string, parts: readonly string[]): vscode.Uri | undefined {
  const agreeing = ({ path }: vscode.Uri): number => {
    const own = path.split("/");
    let same = 0;
    while (same < parts.length && own.at(-1 - same) === parts.at(-1 - same)) same++;
    return same;
  };
  const fitting = files.filter(({ path }) => sameFile(name, path));
  const most = Math.max(0, ...fitting.map(agreeing));
  const [first, second] = fitting.filter((uri) => agreeing(uri) === most);
  return second === undefined ? first : undefined;
}

const MOST = 50;

async function named(last: string): Promise<readonly vscode.Uri[]> {
  const open = vscode.workspace.textDocuments
    .map(({ uri }) => uri)
    .filter((uri) => uri.path.endsWith(`/${last}`) && isOfPerson(uri));
  // What would be a pattern in a name stands for any character.
  const pattern = `**/${last.replace(/[*?[\]{}]/g, "?")}`;
  const found = (await vscode.workspace.findFiles(pattern, undefined, MOST)).filter(({ path }) =>
    path.endsWith(`/${last}`),
  );
  return [...new Map([...open, ...found].map((uri) => [uri.toString(), uri])).values()];
}

/** In the web files have other schemes; so have, everywhere, what others only show. */
function isOfPerson(uri: vscode.Uri): boolean {
  return uri.scheme === "file" || vscode.workspace.getWorkspaceFolder(uri) !== undefined;
}

function isWhole(name: string): boolean {
  return /^(?:[/\\]|[A-Za-z]:[/\\])/.test(name);
}

async function isThere(uri: vscode.Uri): Promise<boolean> {
  return (await Promise.resolve(vscode.workspace.fs.stat(uri)).catch(() => undefined)) !== undefined;
}

/** Without opening it: a header that opens would be looked at by everybody. */
async function textOf(uri: vscode.Uri): Promise<string | undefined> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open !== undefined) return open.getText();
  const bytes = await Promise.resolve(vscode.workspace.fs.readFile(uri)).catch(() => undefined);
  return bytes && new TextDecoder().decode(bytes);
}
