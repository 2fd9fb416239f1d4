/** What clang or GCC printed, as values: where, how bad, what, with its notes and the edits it proposes. */

import { resolve } from "node:path";
import type { Range, TextEdit } from "../analysis/text.ts";
import { bytesOfEscaped, characterAt } from "./escaped.ts";
import { type Explanation, explain } from "./explain-clang.ts";
import { type SourceLines, sourceLines } from "./source-lines.ts";

export interface Place {
  readonly file: string;
  readonly range: Range;
}

export interface BuildDiagnostic extends Place {
  readonly severity: "error" | "warning" | "info";
  readonly message: string;
  /** `-Wparentheses`: what would switch it off. */
  readonly flag: string | undefined;
  readonly notes: readonly Note[];
  readonly fixes: readonly Fix[];
  /** What it means for BPF, and what to do; undefined where the message says it all. */
  readonly explanation: Explanation | undefined;
}

export interface Note extends Place {
  readonly message: string;
}

export interface Fix {
  readonly title: string;
  readonly edits: readonly (Place & Pick<TextEdit, "newText">)[];
}

/** The message of the notes that say how a header was reached, the source first. */
export const INCLUDED_HERE = "included from here";

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
  const files = sourceLines();
  const drafts: Draft[] = [];
  let includes: Note[] = [];
  /** What an edit belongs to: a diagnostic itself, or one of its notes. */
  let title = "";
  const at = (name: string, line: string, column: string, ranges = ""): Place => {
    // <unknown>, <inline asm>, <scratch space>
    const file = /^<.*>$/.test(name) ? source : resolve(cwd, name);
    return file === source && /^</.test(name)
      ? top(source)
      : { file, range: rangeAt(files.lineOf(file, Number(line)), Number(line), Number(column), ranges) };
  };
  for (const text of output.split(/\r?\n/)) {
    const last = drafts.at(-1);
    const located = LOCATED.exec(text);
    const included = INCLUDED.exec(text);
    const fixIt = FIX_IT.exec(text);
    if (located !== null) {
      const [, name = "", line = "", column = "1", ranges, kind = "", said = ""] = located;
      const place = at(name, line, column, ranges);
      const { message, flag } = worded(said);
      if (kind === "note") {
        title = message;
        if (!/^could not determine the original source location/.test(message) && !/^<scratch/.test(name))
          last?.notes.push({ ...place, message });
      } else {
        title = "";
        drafts.push({ ...place, severity: severityOf(kind), message, flag, notes: includes, fixes: [] });
      }
      includes = [];
    } else if (included !== null) {
      const [, name = "", line = ""] = included;
      includes.push({ ...wholeLine(resolve(cwd, name), Number(line), files), message: INCLUDED_HERE });
    } else if (fixIt !== null) {
      const [, name = "", line = "", from = "", endLine = "", to = "", words = ""] = fixIt;
      const file = resolve(cwd, bytesOfEscaped(name));
      const position = (row: string, column: string) => ({
        line: Number(row) - 1,
        character: characterAt(files.lineOf(file, Number(row)), Number(column)),
      });
      const edit = {
        file,
        range: { start: position(line, from), end: position(endLine, to) },
        newText: bytesOfEscaped(words),
      };
      if (last !== undefined) addEdit(last, title, edit);
    } else {
      const [, kind, said = ""] = UNLOCATED.exec(text) ?? [];
      if (kind !== undefined && !isChatter(said, drafts.length))
        drafts.push({ ...placeIn(said, at), severity: severityOf(kind), ...worded(said), notes: [], fixes: [] });
    }
  }
  return onceEach(drafts.map((draft) => finished(draft, source, files)));
}

/** What says no more than what was said before. */
function isChatter(said: string, before: number): boolean {
  return /^too many errors emitted/.test(said) || (before > 0 && /^clang frontend command failed/.test(said));
}

/** Some of clang's last words name a place in their midst. */
function placeIn(said: string, at: (name: string, line: string, column: string) => Place): Place {
  const [, name, line = "", column = ""] = /, ([^\s,]+):(\d+):(\d+)$/.exec(said) ?? [];
  return name === undefined ? at("<unknown>", "", "") : at(name, line, column);
}

function finished(draft: Draft, source: string, files: SourceLines): BuildDiagnostic {
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
function addEdit(draft: Draft, title: string, edit: Draft["fixes"][number]["edits"][number]): void {
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
