/** Feature: rename. A thing in all files that know it, or why that cannot be. */

import type { ChangeAnnotation, TextDocumentEdit, TextEdit, WorkspaceEdit } from "vscode-languageserver-types";
import { isKernelTypes } from "../analysis/header.ts";
import type { KnowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import { isKeyword, type Local } from "../analysis/names/mentions.ts";
import type { Named, NameKind } from "../analysis/names/names.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import type { Position, Range } from "../analysis/text.ts";
import { references } from "./references.ts";

/** A sentence that says why something cannot be renamed. */
export interface Refusal {
  readonly problem: string;
}

export interface Renamable {
  readonly range: Range;
  readonly placeholder: string;
  readonly named: Named;
}

export interface RenameClient {
  /** Whether the editor shows what is said about an edit. */
  readonly annotates: boolean;
}

/** Where a program of user space names it, which writes it in its own way. */
export interface ForeignEdit {
  readonly uri: string;
  readonly range: Range;
  readonly newText: string;
}

/** What others know by its name as well, so that they must be told. */
export interface Renaming {
  readonly edit: WorkspaceEdit;
  /** Empty where nobody else knows the name. */
  readonly alsoKnown: string;
}

export interface RenamePlace {
  readonly kb: KnowledgeBase;
  /** Whether a file belongs to the workspace. */
  readonly isOurs: (uri: string) => boolean;
}

/** The thing at a place, where it can be renamed at all. */
export function prepareRename(file: Snapshot, position: Position, place: RenamePlace): Renamable | Refusal {
  const found = file.model.names.at(file.lines.offsetAt(position));
  if (found === undefined) return { problem: "There is no name here that can be renamed." };
  const { named, range } = found;
  const problem = obstacle(file, named, place);
  return problem === undefined ? { range, placeholder: named.name, named } : { problem };
}

/** `files` are those that know the thing, the asked one first. */
export function rename(
  files: readonly Snapshot[],
  named: Named,
  newName: string,
  { annotates, others = [] }: RenameClient & { readonly others?: readonly ForeignEdit[] },
): Renaming | Refusal {
  const problem = problemOf(files, named, newName);
  if (problem !== undefined) return { problem };
  const edits = new Map<string, TextEdit[]>();
  const own = references(files, named, true).map((place): ForeignEdit => ({ ...place, newText: newName }));
  for (const { uri, range, newText } of [...own, ...others]) {
    const list = edits.get(uri);
    const edit = { range, newText };
    if (list === undefined) edits.set(uri, [edit]);
    else list.push(edit);
  }
  const alsoKnown = files[0] === undefined ? "" : knownOutside(files[0], named, newName);
  if (alsoKnown === "" || !annotates) return { edit: { changes: Object.fromEntries(edits) }, alsoKnown };
  return { edit: annotated(edits, { label: `Rename ${named.name} to ${newName}`, description: alsoKnown }), alsoKnown };
}

function annotated(edits: ReadonlyMap<string, readonly TextEdit[]>, annotation: ChangeAnnotation): WorkspaceEdit {
  const id = "rename";
  const documentChanges = [...edits].map(
    ([uri, list]): TextDocumentEdit => ({
      textDocument: { uri, version: null },
      edits: list.map((edit) => ({ ...edit, annotationId: id })),
    }),
  );
  return { documentChanges, changeAnnotations: { [id]: annotation } };
}

const RENAMED: ReadonlySet<NameKind> = new Set([
  "map",
  "program",
  "function",
  "variable",
  "local",
  "parameter",
  "label",
] satisfies NameKind[]);

/** Why it cannot be renamed, whatever the new name is. */
function obstacle(file: Snapshot, named: Named, { kb, isOurs }: RenamePlace): string | undefined {
  const { name, local, kind, space } = named;
  const { model } = file;
  const shown = `"${name}"`;
  if (local !== undefined) return obstacleOfLocal(file, local);
  const places = model.names.places(named);
  const declared = places.filter(({ role }) => role !== "use");
  const made = model.names.made(named);
  if (made.length > 0) return `A macro makes ${shown}: its name is nowhere written as a whole.`;
  if (declared.length === 0) return `${shown} ${ofWhom(name, space, kb)}`;
  const foreign = declared.find(
    ({ header }) => header !== undefined && (!isOurs(header) || isKernelTypes({ path: header })),
  );
  if (foreign !== undefined) return `${shown} stands in ${lastOf(foreign.header)}, which is no file of this workspace.`;
  if (model.kfuncs.some((kfunc) => kfunc.name === name)) return `${shown} is a function of the kernel.`;
  const outside = model.globals.find((global) => global.name === name)?.kind;
  if (outside === "kconfig") return `${shown} is an option of the kernel's configuration.`;
  if (outside === "ksym") return `${shown} is a symbol of the kernel.`;
  if (kind !== undefined && RENAMED.has(kind)) {
    return declared.some(({ role }) => role === "definition")
      ? undefined
      : `${shown} is only declared here. Rename it where it is defined.`;
  }
  // Types of the kernel are found by their names, and headers are shared with user space.
  if (declared.some(({ header }) => header !== undefined)) {
    return `${shown} stands in a header, which files that are no BPF code may include as well.`;
  }
  if (space === "tag" && /preserve_access_index/.test(file.text)) {
    return `${shown} may be a type of the kernel, which is found there by its name.`;
  }
  return undefined;
}

function obstacleOfLocal({ model }: Snapshot, local: Local): string | undefined {
  if (!local.isWritten) return `"${local.name}" has its name from the macro that makes the program.`;
  if (local.leaks) return `"${local.name}" is declared by a macro, and known wherever that is used.`;
  const macro = model.names.macroSpeakingOf(local);
  return macro === undefined ? undefined : `The macro "${macro}" speaks of "${local.name}", too.`;
}

function ofWhom(name: string, space: Named["space"], kb: KnowledgeBase): string {
  if (space === "name" && kb.helper(name) !== undefined) return "is a helper of the kernel.";
  if (space === "name" && kb.kfunc(name) !== undefined) return "is a function of the kernel.";
  if (space === "name" && kb.macro(name) !== undefined) return "is a macro of libbpf.";
  return "is defined neither in this file nor in a header of the workspace.";
}

/** Why it cannot have this name. */
function problemOf(files: readonly Snapshot[], named: Named, newName: string): string | undefined {
  if (!/^[A-Za-z_]\w*$/.test(newName)) return `"${newName}" is no name in C.`;
  if (isKeyword(newName)) return `"${newName}" is a word of C.`;
  if (newName === named.name) return undefined;
  for (const file of files) {
    const taken = file.model.names.isTaken(newName, named);
    if (taken === undefined) continue;
    const where = `${lastOf(taken.header ?? file.uri)}, line ${taken.range.start.line + 1}`;
    return `"${newName}" is taken: ${where}.`;
  }
  return undefined;
}

function lastOf(uri = ""): string {
  return decodeURIComponent(uri.slice(uri.lastIndexOf("/") + 1));
}

/** User space finds maps, programs and variables by their names. */
function knownOutside({ model }: Snapshot, { name, kind, local }: Named, newName: string): string {
  if (local !== undefined) return "";
  const what = kind === "map" || kind === "program" ? kind : "variable";
  const now = `"${name}" is "${newName}" in skeletons now.`;
  if (kind === "map") {
    const { pinning = "LIBBPF_PIN_NONE" } = model.mapNamed(name) ?? {};
    if (pinning !== "LIBBPF_PIN_NONE")
      return `The map is pinned by its name: "${name}" stays behind, "${newName}" starts empty.`;
  }
  const global = model.globals.find((one) => one.name === name);
  const isKnown = what !== "variable" || (global !== undefined && !/\bstatic\b/.test(global.type));
  return isKnown ? `Loaders know the ${what} by its name: ${now}` : "";
}
