/** Features: definition, declaration, type definition. Where what a word means stands. */

import type { Location } from "vscode-languageserver-types";
import type { Named, NamedPlace, Names } from "../analysis/names/names.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import type { Position } from "../analysis/text.ts";

/** Where a file stands that is included, by what is written between the quotes or brackets. */
export type IncludeTargets = ReadonlyMap<string, string>;

export function definition(file: Snapshot, position: Position, targets: IncludeTargets): Location[] {
  const included = includedAt(file, position, targets);
  if (included !== undefined) return [{ uri: included, range: START }];
  const named = namedAt(file, position);
  return named === undefined ? [] : definitionsOf(file, named);
}

export function declaration(file: Snapshot, position: Position): Location[] {
  const named = namedAt(file, position);
  if (named === undefined) return [];
  const declared = placesOf(file, named, "declaration");
  return declared.length > 0 ? declared : definitionsOf(file, named);
}

/** Of a variable, the type that stands in front of its name. */
export function typeDefinition(file: Snapshot, position: Position): Location[] {
  const named = namedAt(file, position);
  if (named === undefined) return [];
  const { names } = file.model;
  for (const place of names.places(named).filter(({ role }) => role !== "use")) {
    const type = typeBefore(names, textOf(file, place), place);
    if (type !== undefined) return definitionsOf(file, type);
  }
  return [];
}

const START = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
/** No type has more words. */
const LONGEST = 200;
const TYPE_BEFORE = /(?:\b(struct|union|enum)\s+)?\b([A-Za-z_]\w*)(?:[\s*]|\bconst\b)*$/;

function typeBefore(names: Names, source: string, { span }: NamedPlace): Named | undefined {
  const match = TYPE_BEFORE.exec(source.slice(Math.max(0, span.start - LONGEST), span.start));
  return match?.[2] === undefined ? undefined : names.ofFile(match[2], match[1] === undefined ? "name" : "tag");
}

function textOf({ text, model }: Snapshot, { header }: NamedPlace): string {
  return header === undefined ? text : (model.headers.find(({ uri }) => uri === header)?.lowered.source ?? "");
}

function namedAt({ model, lines }: Snapshot, position: Position): Named | undefined {
  return model.names.at(lines.offsetAt(position))?.named;
}

function includedAt({ model }: Snapshot, { line }: Position, targets: IncludeTargets): string | undefined {
  const include = model.includes.find(({ range }) => range.start.line === line);
  return include && targets.get(include.path);
}

/** Its definitions; where there are none, what declares it, or what makes it. */
export function definitionsOf(file: Snapshot, named: Named): Location[] {
  const defined = placesOf(file, named, "definition");
  if (defined.length > 0) return defined;
  const made = file.model.names.made(named).map(({ header, range }) => ({ uri: header ?? file.uri, range }));
  return made.length > 0 ? made : placesOf(file, named, "declaration");
}

function placesOf(file: Snapshot, named: Named, role: NamedPlace["role"]): Location[] {
  return file.model.names
    .places(named)
    .flatMap((place) => (place.role === role ? [{ uri: place.header ?? file.uri, range: place.range }] : []));
}
