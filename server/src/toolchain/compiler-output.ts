/** What clang or GCC printed, as values: where, how bad, what, with its notes and the edits it proposes. */

import { resolve } from "node:path";
import type { Range, TextEdit } from "../analysis/text.ts";
import { type BuildDiagnostic, INCLUDED_HERE, type Note, type Place } from "./build-diagnostic.ts";
import { bytesOfEscaped, characterAt } from "./escaped.ts";
import { explain } from "./explain-clang.ts";
import { type SourceLines, sourceLines } from "./source-lines.ts";

/** Has both compilers print what is read here, and clang draw its carets, without which it proposes no edits. */
export function printingFlags(compiler: "clang" | "gcc"): readonly string[] {
  const common = ["-fdiagnostics-color=never", "-fdiagnostics-parseable-fixits"];
  return compiler === "gcc"
    ? [...common, "-fno-diagnostics-show-caret", "-fdiagnostics-column-unit=byte"]
    : // Where clang itself breaks down, it would leave files in the system's temporary folder.
      [...common, "-fdiagnostics-print-source-range-info", "-fno-crash-diagnostics"];
}

const LOCATED =
  /^(.+?):(\d+)(?::(\d+))?: ?(?:((?:\{\d+:\d+-\d+:\d+\})+): )?(fatal error|error|warning|remark|note): (.*)$/;
const UNLOCATED = /^(?:[^\s:]+: )?(fatal error|error|warning): (.*)$/;
const INCLUDED = /^(?:In file included from| {17}from) (.+?):(\d+)(?::\d+)?[,:]$/;
const FIX_IT = /^fix-it:"((?:\\.|[^"\\])*)":\{(\d+):(\d+)-(\d+):(\d+)\}:"((?:\\.|[^"\\])*)"$/;

interface Draft extends Place {
  readonly severity: BuildDiagnostic["severity"];
  readonly message: string;
  readonly flag: string | undefined;
  readonly notes: Note[];
  readonly fixes: { title: string; readonly edits: (Place & Pick<TextEdit, "newText">)[] }[];
}

export interface Compiled {
  readonly source: string;
  readonly cwd: string;
}

/** Keeps the order of the compiler; what comes twice is there once. */
export function readOutput(output: string, { source, cwd }: Compiled): readonly BuildDiagnostic[] {
  const reading: Reading = { source, cwd, files: sourceLines(), drafts: [], includes: [], title: "" };
  for (const line of output.split(/\r?\n/)) {
    const read = READERS.find(({ form }) => form.test(line));
    if (read !== undefined)
      read.take(
        read.form
          .exec(line)
          ?.slice(1)
          .map((part) => part ?? "") ?? [],
        reading,
      );
  }
  return onceEach(reading.drafts.map((draft) => finished(draft, reading)));
}

interface Reading extends Compiled {
  readonly files: SourceLines;
  readonly drafts: Draft[];
  /** How the header of the next diagnostic was reached. */
  includes: Note[];
  /** What the next edit belongs to: a note, or the diagnostic itself when it is empty. */
  title: string;
}

interface Reader {
  readonly form: RegExp;
  readonly take: (parts: readonly string[], reading: Reading) => void;
}

/** The first whose form a line has takes it; other lines are for people. */
const READERS: readonly Reader[] = [
  {
    form: LOCATED,
    take: ([name = "", line = "", column = "", ranges = "", kind = "", said = ""], reading) => {
      const place = placeOf(name, { line, column: column === "" ? "1" : column, ranges }, reading);
      if (kind === "note") addNote(name, { ...place, ...worded(said) }, reading);
      else addDraft(place, kind, said, reading);
    },
  },
  {
    form: INCLUDED,
    take: ([name = "", line = ""], { cwd, files, includes }) => {
      includes.push({ ...wholeLine(resolve(cwd, name), Number(line), files), message: INCLUDED_HERE });
    },
  },
  {
    form: FIX_IT,
    take: ([name = "", line = "", from = "", endLine = "", to = "", words = ""], { cwd, files, drafts, title }) => {
      const file = resolve(cwd, bytesOfEscaped(name));
      const position = (row: string, column: string) => ({
        line: Number(row) - 1,
        character: characterAt(files.lineOf(file, Number(row)), Number(column)),
      });
      const range = { start: position(line, from), end: position(endLine, to) };
      addEdit(drafts.at(-1), title, { file, range, newText: bytesOfEscaped(words) });
    },
  },
  {
    form: UNLOCATED,
    take: ([kind = "", said = ""], reading) => {
      if (!isChatter(said, reading.drafts.length)) addDraft(placeIn(said, reading), kind, said, reading);
    },
  },
];

function addDraft(place: Place, kind: string, said: string, reading: Reading): void {
  reading.drafts.push({ ...place, severity: severityOf(kind), ...worded(said), notes: reading.includes, fixes: [] });
  reading.includes = [];
  reading.title = "";
}

function addNote(name: string, note: Note, reading: Reading): void {
  reading.includes = [];
  reading.title = note.message;
  const isAbout = !/^could not determine the original source location/.test(note.message) && !/^<scratch/.test(name);
  if (isAbout) reading.drafts.at(-1)?.notes.push({ file: note.file, range: note.range, message: note.message });
}

interface Spot {
  readonly line: string;
  readonly column: string;
  readonly ranges: string;
}

function placeOf(name: string, { line, column, ranges }: Spot, { source, cwd, files }: Reading): Place {
  // <unknown>, <inline asm>, <scratch space>
  if (/^<.*>$/.test(name)) return top(source);
  const file = resolve(cwd, name);
  return { file, range: rangeAt(files.lineOf(file, Number(line)), Number(line), Number(column), ranges) };
}

/** What says no more than what was said before. */
function isChatter(said: string, before: number): boolean {
  return /^too many errors emitted/.test(said) || (before > 0 && /^clang frontend command failed/.test(said));
}

/** Some of clang's last words name a place in their midst. */
function placeIn(said: string, reading: Reading): Place {
  const [, name, line = "", column = ""] = /, ([^\s,]+):(\d+):(\d+)$/.exec(said) ?? [];
  return name === undefined ? top(reading.source) : placeOf(name, { line, column, ranges: "" }, reading);
}

function finished(draft: Draft, { source, files }: Reading): BuildDiagnostic {
  const fixes = draft.fixes.map(({ title, edits }) => ({
    title: title === "" ? titleOf(draft, edits, files) : upper(title),
    edits,
  }));
  return { ...draft, fixes, explanation: explain(draft.message, { file: draft.file, source }) };
}

function titleOf({ message }: Draft, edits: Draft["fixes"][number]["edits"], files: SourceLines): string {
  const [edit] = edits;
  if (edit === undefined || edits.length > 1) return `Mend: ${message}`;
  const { start, end } = edit.range;
  const old =
    start.line === end.line ? files.lineOf(edit.file, start.line + 1).slice(start.character, end.character) : "";
  if (edit.newText === "") return `Remove "${old}"`;
  return old === "" ? `Insert "${edit.newText.trim()}"` : `Change "${old}" to "${edit.newText}"`;
}

/** The edits of one note belong together; those of a diagnostic itself too. */
function addEdit(draft: Draft | undefined, title: string, edit: Draft["fixes"][number]["edits"][number]): void {
  if (draft === undefined) return;
  const fix = draft.fixes.at(-1);
  if (fix?.title === title) fix.edits.push(edit);
  else draft.fixes.push({ title, edits: [edit] });
}

function severityOf(kind: string): BuildDiagnostic["severity"] {
  return kind === "warning" ? "warning" : kind === "remark" ? "info" : "error";
}

/** The flag that a warning ends in, and what clang prints of its own insides, taken out. */
function worded(said: string): { readonly message: string; readonly flag: string | undefined } {
  const [, message = said, flags] = /^(?:error in backend: )?(.*?)(?: \[(-W[^\]]*)\])?$/.exec(said) ?? [];
  const flag = flags?.split(",").find((one) => one !== "-Werror");
  const callee = /0x[0-9a-f]+: i64 = GlobalAddress<.*?@"?([^\s">]+)"?>/.exec(message)?.[1];
  return { message: callee === undefined ? message : `too many arguments for ${callee}()`, flag };
}

/** The word at a column, or the stretch that clang underlines there. */
function rangeAt(text: string, line: number, column: number, ranges: string): Range {
  const start = characterAt(text, column);
  const word = /^(?:[\p{L}\w]+|\S)/u.exec(text.slice(start))?.[0].length ?? 0;
  let end = start + word;
  for (const [, fromLine, from, toLine, to] of ranges.matchAll(/\{(\d+):(\d+)-(\d+):(\d+)\}/g))
    if (Number(fromLine) === line && Number(toLine) === line && Number(from) === column)
      end = Math.max(end, characterAt(text, Number(to)));
  return { start: { line: line - 1, character: start }, end: { line: line - 1, character: end } };
}

function wholeLine(file: string, line: number, { lineOf }: SourceLines): Place {
  const end = Math.max(1, lineOf(file, line).trimEnd().length);
  return { file, range: { start: { line: line - 1, character: 0 }, end: { line: line - 1, character: end } } };
}

function top(file: string): Place {
  const start = { line: 0, character: 0 };
  return { file, range: { start, end: start } };
}

function onceEach(diagnostics: readonly BuildDiagnostic[]): readonly BuildDiagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ file, range, message }) => {
    const key = JSON.stringify([file, range.start, message]);
    return !seen.has(key) && seen.add(key);
  });
}

function upper(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
