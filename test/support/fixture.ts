/**
 * The fixture language of the tests: C with three marks.
 *
 *   int f() { bpf_lo$0op(); }     $0 is the cursor
 *   //        ^^^^^^^^ label      labels the range above; a lone ^^^ has an empty label
 *   //- /name.h                   starts another file
 */

import { linesOf, type Position, type Range } from "../../server/src/analysis/text.ts";

export interface Fixture {
  /** The first file, without marks. Lines that hold only marks are left out. */
  readonly text: string;
  readonly cursor: Position | undefined;
  readonly labels: readonly Label[];
  /** The other files by name. */
  readonly files: ReadonlyMap<string, string>;
}

export interface Label {
  readonly range: Range;
  readonly label: string;
}

const FILE = /^\/\/- (\S+)$/;
const MARK = /^\s*\/\/\s*(\^+)(?:[ \t]+(.*))?$/;

export function fixture(source: string): Fixture {
  const files = new Map<string, string[]>([["", []]]);
  let current = "";
  for (const line of source.replace(/^\n/, "").split("\n")) {
    const name = FILE.exec(line)?.[1];
    if (name === undefined) {
      files.get(current)?.push(line);
    } else {
      current = name;
      files.set(name, []);
    }
  }
  const [main = [], ...others] = files.values();
  const names = [...files.keys()].slice(1);
  const { text, labels } = readMarks(main);
  const at = text.indexOf("$0");
  const clean = at === -1 ? text : text.slice(0, at) + text.slice(at + 2);
  return {
    text: clean,
    cursor: at === -1 ? undefined : linesOf(clean).positionAt(at),
    labels,
    files: new Map(names.map((name, i) => [name, (others[i] ?? []).join("\n")])),
  };
}

function readMarks(lines: readonly string[]): { readonly text: string; readonly labels: readonly Label[] } {
  const kept: string[] = [];
  const labels: Label[] = [];
  for (const line of lines) {
    const match = MARK.exec(line);
    if (match?.[1] === undefined) {
      kept.push(line);
      continue;
    }
    const start = line.indexOf("^");
    const row = kept.length - 1;
    // A mark counts columns as they look in the fixture, where the line above may hold the cursor.
    const cursor = kept[row]?.indexOf("$0") ?? -1;
    const shift = (column: number): number => (cursor !== -1 && column > cursor ? column - 2 : column);
    labels.push({
      range: {
        start: { line: row, character: shift(start) },
        end: { line: row, character: shift(start + match[1].length) },
      },
      label: match[2] ?? "",
    });
  }
  return { text: kept.join("\n"), labels };
}

/** The text that a range covers, for failure messages and for tests about ranges. */
export function textIn(text: string, range: Range): string {
  const lines = linesOf(text);
  return text.slice(lines.offsetAt(range.start), lines.offsetAt(range.end));
}
