/** What several kernels say of the same programs, as rows and as a table of Markdown that can be read in a terminal as well. */

import { code, table } from "../object/table.ts";
import type { Answer, Attaching, Place, ProgramAnswer } from "./answer.ts";

/** One kernel's answer. */
export interface KernelColumn {
  /** As it is called: `debian-6.1`, "this machine". */
  readonly kernel: string;
  /** Undefined where it could not be asked. */
  readonly release: string | undefined;
  readonly programs: readonly ProgramAnswer[];
  /** What is of no program alone: the object cannot be opened. */
  readonly answers: readonly Answer[];
  /** Why it could not be asked. */
  readonly problem?: string;
}

/** One program on one kernel. */
export interface KernelRow {
  readonly program: string;
  readonly kernel: string;
  readonly release: string | undefined;
  readonly verdict: ProgramAnswer["verdict"];
  /** Where it was asked for and the program accepted. */
  readonly attaching: Attaching["outcome"] | undefined;
  /** The first line of the first thing that was said; undefined where nothing was. */
  readonly message: string | undefined;
  readonly place: Place | undefined;
  /** That were looked at. */
  readonly instructions: number | undefined;
}

/** Program by program, so that kernels stand one below the other. */
export function kernelRows(columns: readonly KernelColumn[]): readonly KernelRow[] {
  const names = new Set(columns.flatMap(({ programs }) => programs.map(({ name = "" }) => name)));
  // Where no kernel got so far as to look at programs.
  const programs = names.size === 0 ? [""] : [...names];
  return programs.flatMap((program) => columns.flatMap((column) => rowOf(program, column)));
}

function rowOf(program: string, { kernel, release, programs, answers, problem }: KernelColumn): readonly KernelRow[] {
  const found = programs.find(({ name = "" }) => name === program);
  const [first] = found === undefined ? answers : [...found.answers, ...(found.attaching?.answers ?? [])];
  if (found === undefined && first === undefined && problem === undefined) return [];
  return [
    {
      program,
      kernel,
      release,
      verdict: found?.verdict ?? (first === undefined ? "unknown" : "refused"),
      attaching: found?.attaching?.outcome,
      message: firstLine(first?.said ?? problem),
      place: first?.place,
      instructions: found?.stats?.processed,
    },
  ];
}

function firstLine(text: string | undefined): string | undefined {
  return text?.split("\n")[0];
}

/** Programs on which the kernels differ. */
export function differing(rows: readonly KernelRow[]): ReadonlySet<string> {
  return new Set(
    rows
      .filter((row) => rows.some((other) => other.program === row.program && differ(row, other)))
      .map(({ program }) => program),
  );
}

function differ(one: KernelRow, other: KernelRow): boolean {
  return verdictText(one.verdict, one.attaching) !== verdictText(other.verdict, other.attaching);
}

/** @param linked how a place is shown where the reader is, if at all */
export function kernelTable(rows: readonly KernelRow[], linked: (place: Place) => string = lineOf): string {
  return table(
    ["Program", "Kernel", "Release", "Verdict", ">Instructions", "Place", "First message"],
    rows.map(({ program, kernel, release, verdict, attaching, instructions, place, message }, n) => [
      rows[n - 1]?.program === program ? "" : program,
      kernel,
      release === kernel ? "" : (release ?? ""),
      verdictText(verdict, attaching),
      instructions === undefined ? "" : String(instructions),
      place === undefined ? "" : linked(place),
      code(message ?? ""),
    ]),
  );
}

/** "accepted, attached" */
function verdictText(verdict: string, outcome: Attaching["outcome"] | undefined): string {
  if (outcome === undefined || outcome === "nowhere") return verdict;
  return `${verdict}, ${outcome === "attached" ? "attached" : "not attached"}`;
}

function lineOf({ file, line }: Place): string {
  return `${file?.split("/").at(-1) ?? "line "}${file === undefined ? "" : ":"}${line}`;
}
