/** Answers as text, for terminals and output channels. */

import type { Answer, Attaching, Place, ProgramAnswer, Stats } from "./answer.ts";
import { instructionsText } from "./cost-text.ts";

const MOST_WORDS = 12;

/** @param shown how a file is named where the reader is */
export function programText(program: ProgramAnswer, shown: (file: string) => string = (file) => file): string {
  const { name = "the program", section, verdict, stats, answers, attaching } = program;
  const head = `${name}${section === undefined ? "" : ` (${section})`}: ${verdict}${statsText(stats)}${attachingText(attaching)}`;
  return [
    head,
    ...[...answers, ...(attaching?.answers ?? [])].map((answer) => indented(answerText(answer, shown))),
  ].join("\n");
}

export function answerText(answer: Answer, shown: (file: string) => string = (file) => file): string {
  const { said, title, meaning, advice, place, story, family } = answer;
  const where = place === undefined ? "" : `${placeText(place, shown)}: `;
  const lines = [`${where}${title}${family === undefined ? "" : ` [${answer.class}: ${family}]`}`];
  lines.push(...wordsShown(said, title).map((line) => `  ${answer.by} says: ${line}`));
  if (meaning !== "") lines.push(`  ${meaning}`);
  for (const { place: at, text } of story) lines.push(`  - ${placeText(at, shown)}: ${text}`);
  if (advice !== "") lines.push(`  What to do: ${advice}`);
  return lines.join("\n");
}

/** The words themselves, without the block that says the same in more words, and whose parts stand below. */
function wordsShown(said: string, title: string): readonly string[] {
  const [words = ""] = said.split(/^Verification failed: /m);
  const lines = words.split("\n").filter((line) => line !== "" && line !== title);
  const more = lines.length - MOST_WORDS;
  return more > 0 ? [...lines.slice(0, MOST_WORDS), `(${more} lines more)`] : lines;
}

function placeText({ file, line, column }: Place, shown: (file: string) => string): string {
  return `${file === undefined ? "line " : `${shown(file)}:`}${line}${column === undefined ? "" : `:${column}`}`;
}

function statsText(stats: Stats | undefined): string {
  if (stats?.processed === undefined) return "";
  const { processed, limit } = stats;
  return `, ${instructionsText(processed, limit)}`;
}

function attachingText(attaching: Attaching | undefined): string {
  switch (attaching?.outcome) {
    case "attached":
      return "; attached, and taken off again";
    case "refused":
      return "; not attached";
    case "nowhere":
      return "; not attached, since its section alone does not say where";
    default:
      return "";
  }
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}
