/** Answers as text, for terminals and output channels. */

import type { Answer, Place, ProgramAnswer, Stats } from "./answer.ts";

/** @param shown how a file is named where the reader is */
export function programText(program: ProgramAnswer, shown: (file: string) => string = (file) => file): string {
  const { name = "the program", section, verdict, stats, answers } = program;
  const head = `${name}${section === undefined ? "" : ` (${section})`}: ${verdict}${statsText(stats)}`;
  return [head, ...answers.map((answer) => indented(answerText(answer, shown)))].join("\n");
}

export function answerText(answer: Answer, shown: (file: string) => string = (file) => file): string {
  const { said, title, meaning, advice, place, story, family } = answer;
  const where = place === undefined ? "" : `${placeText(place, shown)}: `;
  const lines = [`${where}${title}${family === undefined ? "" : ` [${answer.class}: ${family}]`}`];
  if (family !== undefined) lines.push(...said.split("\n").map((line) => `  ${answer.by} says: ${line}`));
  if (meaning !== "") lines.push(`  ${meaning}`);
  for (const { place: at, text } of story) lines.push(`  - ${placeText(at, shown)}: ${text}`);
  if (advice !== "") lines.push(`  What to do: ${advice}`);
  return lines.join("\n");
}

function placeText({ file, line, column }: Place, shown: (file: string) => string): string {
  return `${file === undefined ? "line " : `${shown(file)}:`}${line}${column === undefined ? "" : `:${column}`}`;
}

function statsText(stats: Stats | undefined): string {
  if (stats?.processed === undefined) return "";
  const { processed, limit } = stats;
  return `, ${processed} instructions${limit === undefined ? "" : ` of at most ${limit}`}`;
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}
