/** What was said of one program, joined with the catalogue and with the source: the answers that people read. */

import type { Answer, Chapter, Place, ProgramAnswer } from "./answer.ts";
import { chaptersOf, placeInBlock } from "./block-answer.ts";
import type { Family, Found } from "./family.ts";
import { type FoundFamily, findInLines } from "./find-family.ts";
import type { PlaceOf } from "./instruction-places.ts";
import { isNotPermitted, linesOfWeight, loaderLine, spellingsOf } from "./loader-words.ts";
import type { VerifierLog } from "./log.ts";
import { placeByText, type SourceText } from "./place-by-text.ts";
import { readLog } from "./read-log.ts";
import { type Reason, reasonIn, weakReasonIn } from "./reason.ts";
import { defaultStory } from "./story/default-story.ts";
import { withoutLog } from "./without-log.ts";

export interface Said {
  readonly name: string | undefined;
  readonly section: string | undefined;
  /** Undefined where nobody says how it ended. */
  readonly refused: boolean | undefined;
  readonly log: string;
  /** What the loader printed beside the log. */
  readonly words: string;
  /** Of the kernel or the loader; where nothing was printed it decides, with the type of the program as the kernel numbers it. */
  readonly error?: number;
  readonly type?: number;
  /** Its lines are found by their text where the log has nothing else. */
  readonly source?: SourceText | undefined;
}

const EPERM = 1;

/** Of what a loader prints around a failure, the beginning names the cause. */
const MOST_LINES = 20;

/** @param placeOf from the object, where there is one */
export function answersOf(said: Said, placeOf: PlaceOf = () => undefined): ProgramAnswer {
  return answersFrom(said, readLog(said.log), placeOf);
}

/** The same of a log that has been read, which may be longer than what was kept of it. */
export function answersFrom(said: Said, log: VerifierLog, placeOf: PlaceOf = () => undefined): ProgramAnswer {
  const { name, section } = said;
  const verdict = verdictOf(said, log);
  const place = placer(log, placeOf, said.source);
  const answers =
    verdict === "refused" ? [reasonOf(said, log, place)] : verdict === "unknown" ? cutOff(log, place) : [];
  return { name, section, verdict, stats: log.stats, answers, log: said.log };
}

function verdictOf({ refused, words }: Said, log: VerifierLog): ProgramAnswer["verdict"] {
  if (refused !== undefined) return refused ? "refused" : "accepted";
  if (reasonIn(log) !== undefined || log.block !== undefined || linesOfWeight(words, "failure").length > 0)
    return "refused";
  return log.messages.length === 0 && log.stats?.processed !== undefined ? "accepted" : "unknown";
}

/** What is surest first: the verifier's own words, what the loader says that we know, then all the rest. */
function reasonOf(said: Said, log: VerifierLog, place: Placer): Answer {
  const { words } = said;
  const reason = reasonIn(log) ?? blockAlone(log);
  if (reason !== undefined) return verifierAnswer(reason, log, place);
  const failures = linesOfWeight(words, "failure");
  const known = findInLines(failures.map(spellingsOf));
  if (known !== undefined) return wordsAnswer(failures, known, log, place);
  const weak = weakReasonIn(log);
  if (weak !== undefined) return verifierAnswer(weak, log, place);
  const [cut] = cutOff(log, place);
  if (cut !== undefined) return cut;
  if (failures.length > 0) return wordsAnswer(failures, undefined, log, place);
  const restated = linesOfWeight(words, "restated");
  const silent = silence(said);
  const whole = restated.length === 0 ? silent : restated;
  return wordsAnswer(whole, findInLines([...restated.map(spellingsOf), silent]), log, place);
}

/** Nothing was printed that tells why. */
function silence({ error, type, section, words }: Said): readonly string[] {
  const number = error ?? (isNotPermitted(words) ? EPERM : 0);
  return number === 0 ? [] : [withoutLog(number, type, section)];
}

/** The verifier says what is wrong at the end. */
function cutOff({ steps, cut }: VerifierLog, place: Placer): readonly Answer[] {
  if (cut !== "end") return [];
  const title = "The end of the log is missing";
  const meaning =
    "The verifier says what it refuses at the end of its log, and this one stops before: here is the last step.";
  const advice =
    "Load it again with a larger buffer for the log, or at log level 1, which leaves out what was given up on the way.";
  return [{ ...unknown([], "verifier"), title, meaning, advice, place: place.of(steps.length - 1) }];
}

/** Its first line was lost. */
function blockAlone({ block, steps }: VerifierLog): Reason | undefined {
  return block === undefined ? undefined : { lines: [], at: steps.length === 0 ? undefined : steps.length - 1 };
}

function verifierAnswer({ lines, at }: Reason, log: VerifierLog, place: Placer): Answer {
  const { block } = log;
  const known = findInLines(lines.map((line) => [line]));
  const match = known?.match ?? /^.*/s.exec(lines[0] ?? "");
  const found: Found | undefined = match === null ? undefined : { match, log, at, placeOf: place.of };
  const answer =
    known === undefined || found === undefined ? unknown(lines, "verifier") : explained(known.family, found);
  const step = (found && attempt(() => known?.family.step?.(found))) ?? at;
  // In the words of the C, where the steps are there; the kernel's path speaks of registers.
  const own = storyOf(known?.family, found, lines.join("\n"));
  return {
    ...answer,
    said: [...lines, ...(block === undefined ? [] : [block.said])].join("\n"),
    title: known === undefined && block !== undefined ? block.problem || answer.title : answer.title,
    meaning: answer.meaning || (block?.reason ?? ""),
    advice: answer.advice || (block?.suggestion ?? ""),
    place:
      placeInBlock(block?.at, place.ofInstruction) ??
      place.ofInstruction(poisonedIn(lines)) ??
      place.of(step) ??
      place.ofInstruction(instructionIn(lines)),
    story: own.length > 0 ? own : chaptersOf(block?.path ?? [], place.ofInstruction),
  };
}

function storyOf(family: Family | undefined, found: Found | undefined, said: string): readonly Chapter[] {
  if (found === undefined) return [];
  const own = attempt(() => family?.story?.(found)) ?? [];
  return own.length > 0 ? own : (attempt(() => defaultStory(found, said)) ?? []);
}

function wordsAnswer(
  lines: readonly string[],
  known: FoundFamily | undefined,
  log: VerifierLog,
  place: Placer,
): Answer {
  const about = lines.map((line) => loaderLine(line).about).find((one) => one !== undefined);
  const answer =
    known === undefined
      ? unknown(lines, "loader")
      : explained(known.family, { match: known.match, log, at: undefined, placeOf: place.of });
  const by = answer.by === "verifier" && /^libbpf: /.test(lines[0] ?? "") ? "libbpf" : answer.by;
  return { ...answer, by, said: lines.slice(0, MOST_LINES).join("\n"), ...(about === undefined ? {} : { about }) };
}

/** A loader's line that is of no program alone. */
export function loaderAnswer(line: string): Answer {
  const known = findInLines([spellingsOf(line)]);
  const log: VerifierLog = { steps: [], messages: [], stats: undefined, block: undefined, cut: "no" };
  return wordsAnswer(
    [line.trim()],
    known,
    log,
    placer(log, () => undefined),
  );
}

function explained(family: Family, found: Found): Answer {
  const say = (words: Family["meaning"]): string =>
    typeof words === "string" ? words : (attempt(() => words(found)) ?? "");
  return {
    said: "",
    by: family.by,
    family: family.id,
    class: attempt(() => family.classify?.(found)) ?? family.class,
    title: family.title,
    meaning: say(family.meaning),
    advice: say(family.advice),
    place: undefined,
    story: [],
    rules: family.rules ?? [],
  };
}

function unknown(lines: readonly string[], by: Answer["by"]): Answer {
  const nothing: readonly Chapter[] = [];
  const rest = { meaning: "", advice: "", place: undefined, story: nothing, rules: [] };
  const [title = "Refused without a word of why"] = lines.map((line) => loaderLine(line).text);
  return { said: lines.join("\n"), by, family: undefined, class: "unknown", title, ...rest };
}

/** What one family does wrong must not cost the answer. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** `jump out of range from insn 5 to 90`: said before any step is taken. */
function instructionIn(lines: readonly string[]): number | undefined {
  for (const line of lines) {
    const number = /\binsn (\d{1,9})\b/.exec(line)?.[1];
    if (number !== undefined) return Number(number);
  }
  return undefined;
}

/** `12: <invalid CO-RE relocation>`: libbpf writes this over a step that could not be taken. */
function poisonedIn(lines: readonly string[]): number | undefined {
  for (const line of lines) {
    const number = /^(\d{1,9}): <invalid /.exec(line)?.[1];
    if (number !== undefined) return Number(number);
  }
  return undefined;
}

interface Placer {
  /** Of a step. */
  readonly of: (step: number | undefined) => Place | undefined;
  readonly ofInstruction: (instruction: number | undefined) => Place | undefined;
}

function placer(log: VerifierLog, placeOf: PlaceOf, source?: SourceText): Placer {
  const byText = linesByText(log, source);
  const ofInstruction = (instruction: number | undefined): Place | undefined =>
    instruction === undefined ? undefined : placeOf(instruction);
  return {
    ofInstruction,
    of: (index) => {
      const step = index === undefined ? undefined : log.steps[index];
      if (step === undefined) return undefined;
      const { source: logged, instruction } = step;
      const known = placeOf(instruction);
      if (known !== undefined) return known;
      if (logged?.line !== undefined) return { file: logged.file, line: logged.line, text: logged.text, instruction };
      const line = index === undefined ? undefined : byText()[index];
      return line === undefined ? undefined : { file: source?.file, line, text: logged?.text ?? "", instruction };
    },
  };
}

/** Of each step; only asked of logs that name no lines. */
function linesByText({ steps }: VerifierLog, source: SourceText | undefined): () => readonly (number | undefined)[] {
  let found: readonly (number | undefined)[] | undefined;
  return () => {
    if (source === undefined) return [];
    const texts = (): readonly string[] => steps.map((step) => step.source?.text ?? "");
    found ??= placeByText(source.text, texts());
    return found;
  };
}
