/** Gives each line of what loaders printed to the program that it is about: its log, or what the loader says of it. */

import { findFamily } from "./find-family.ts";
import { type KeptText, keptText } from "./kept-text.ts";
import { lastOf } from "./lines.ts";
import { type LoadLine, loadLine } from "./load-line.ts";
import { loaderLine } from "./loader-words.ts";
import { logLine } from "./log-line.ts";
import { isWeak } from "./log-noise.ts";
import { startOfStats } from "./log-stats.ts";
import { type LineTaker, lineTaker } from "./read-log.ts";

export interface RoutedProgram {
  readonly name: string | undefined;
  readonly section: string | undefined;
  readonly refused: boolean | undefined;
  readonly taker: LineTaker | undefined;
  readonly kept: KeptText;
  /** What the loader says of it. */
  readonly words: readonly string[];
}

export interface Router {
  take(line: string): void;
  /** In the order in which they were named. */
  readonly programs: readonly RoutedProgram[];
  /** Failures that are of no program alone. */
  readonly failures: readonly string[];
  /** What loaders say that is no failure by itself. */
  readonly asides: readonly string[];
  /** What belongs to nothing: often what people write around it. */
  loose(): readonly string[];
}

/** What says that it is of more programs is not read by people. */
const MOST_PROGRAMS = 4_096;
const MOST_LINES = 2_000;
/** Longer than any loader's sentence; the catalogue is not asked about more. */
const LONGEST_SAID = 4_096;

type Program = { -readonly [K in keyof RoutedProgram]: RoutedProgram[K] } & { readonly words: string[] };

export function lineRouter(): Router {
  const programs: Program[] = [];
  const failures: string[] = [];
  const asides: string[] = [];
  const loose = lastOf<string>(MOST_LINES);
  let open: Program | undefined;
  /** raw: nobody says where the log ends. */
  let mode: "none" | "raw" | "marked" | "types" = "none";
  /** What may be the first line of a log. */
  let held: string | undefined;

  const programOf = (name: string | undefined): Program => {
    const known = name === undefined ? undefined : programs.find((one) => one.name === name);
    const last = programs.length < MOST_PROGRAMS ? undefined : programs.at(-1);
    if (known !== undefined || last !== undefined) return known ?? (last as Program);
    const made = { name, section: undefined, refused: undefined, taker: undefined, kept: keptText(), words: [] };
    programs.push(made);
    return made;
  };
  const feed = (line: string): void => {
    open ??= programOf(undefined);
    open.taker ??= lineTaker();
    open.taker.take(line);
    open.kept.add(line);
  };
  const close = (): void => {
    mode = "none";
    open = undefined;
  };
  const begin = ({ name, section, refused, marked, rest }: LoadLine & { readonly kind: "begin" }): void => {
    open = programOf(name);
    open.section ??= section;
    open.refused ??= refused;
    // Loaders try again, with a log or with a longer one.
    open.taker = undefined;
    open.kept = keptText();
    mode = marked ? "marked" : "raw";
    for (const one of rest) feed(one);
  };
  const special = (line: string): boolean => {
    const found = loadLine(line);
    if (found === undefined) return false;
    if (found.kind === "begin") begin(found);
    else if (found.kind === "end") {
      if (found.rest.trim() !== "") feed(found.rest);
      close();
    } else if (found.kind === "named") {
      const last = programs.findLast(({ name }) => name === undefined);
      if (last !== undefined) Object.assign(last, { name: found.name, refused: true });
    } else if (found.kind === "refused") {
      const program = programOf(found.name);
      program.refused = true;
      program.words.push(found.words);
    } else mode = found.kind === "types-begin" ? "types" : "none";
    return true;
  };
  const takeLoader = (line: string): void => {
    const { about, weight, words } = loaderLine(line);
    if (weight !== "failure" && asides.length < MOST_LINES) asides.push(line);
    if (weight === "chatter") return;
    if (about?.kind === "program") {
      const program = programOf(about.name);
      if (/^(?:BPF program load failed|failed to load)\b/.test(words)) program.refused = true;
      if (program.words.length < MOST_LINES) program.words.push(line);
    } else if (weight === "failure" && failures.length < MOST_LINES) failures.push(line);
  };
  const takeOther = (raw: string, line: string): void => {
    const inLog = isOfLog(line);
    if (mode === "none" && !inLog) {
      if (held !== undefined) loose.add(held);
      held = line.slice(0, LONGEST_SAID);
      return;
    }
    if (mode === "none") {
      open = undefined;
      mode = "raw";
      if (held !== undefined && opensLog(held, line)) feed(held);
    }
    held = undefined;
    feed(raw);
    if (isLast(line)) close();
  };
  const take = (raw: string): void => {
    const line = raw.trim();
    if (!/^[;0-9]/.test(line) && special(line)) return;
    if (mode === "types") return;
    if (/^(?:libbpf|Error): /.test(line)) {
      if (mode === "raw") close();
      takeLoader(line.slice(0, LONGEST_SAID));
    } else if (mode === "marked") feed(raw);
    else takeOther(raw, line);
  };
  return { take, programs, failures, asides, loose: () => [...loose.all(), ...(held === undefined ? [] : [held])] };
}

/** Whether only a verifier's log has such lines. */
function isOfLog(line: string): boolean {
  const found = logLine(line);
  if (found.kind === "source") return found.source.line !== undefined;
  if (found.kind === "blank") return false;
  if (found.kind !== "message") return true;
  return startOfStats(line) !== undefined || line.startsWith("Verification failed: ");
}

/** A source line of an older kernel, or what a verifier says before its first step; not what somebody wrote above the log. */
function opensLog(line: string, next: string): boolean {
  if (line.startsWith("; ") || /\bprocessed 0 insns/.test(next)) return true;
  return isWeak(line) || findFamily(line)?.family.by === "verifier";
}

/** The numbers are the last thing that a verifier prints. */
function isLast(line: string): boolean {
  return !line.startsWith(";") && /(?:^|[^\d\s])\s?processed \d{1,12} insns/.test(line);
}
