/** One answer, or what a log says, as a page to read. */

import type { Answer, AnswerClass, LoadAnswer, Place, ProgramAnswer } from "./answer.ts";
import { costText } from "./cost-text.ts";

export const CLASS_NAMES: Readonly<Record<AnswerClass, string>> = {
  source: "bug in source",
  lowering: "compiler lowering",
  environment: "environment",
  limit: "limit",
  unknown: "not known",
};

const CLASS_WORDS: Readonly<Record<AnswerClass, string>> = {
  source: "This is a bug in the source.",
  lowering: "The source may well be right: the compiler made instructions of it that the verifier cannot follow.",
  environment:
    "The program may well be right: this kernel, its configuration, your rights or the loader do not let it in.",
  limit: "The program may well be right, but it is more than the verifier takes.",
  unknown: "Hookpoint does not know this message yet, so it is shown as it was said.",
};

/** How a place is written: a link where the reader can follow it. */
export type LinkTo = (place: Place) => string;

export function answerPage(answer: Answer, linkTo: LinkTo): string {
  return `# ${plain(answer.title)}\n\n${answerBody(answer, linkTo)}`;
}

/** @param name of the log */
export function logPage(name: string, { programs, answers }: LoadAnswer, linkTo: LinkTo): string {
  const parts = [`# ${plain(name)}`, summary({ programs, answers })];
  for (const answer of answers) parts.push(`## ${plain(answer.title)}`, answerBody(answer, linkTo));
  for (const program of programs) parts.push(...programParts(program, linkTo));
  return `${parts.join("\n\n")}\n`;
}

export function summary({ programs, answers }: LoadAnswer): string {
  const refused = programs.filter(({ verdict }) => verdict === "refused").length;
  if (programs.length + answers.length === 0) return "There is nothing in it that a verifier or a loader says.";
  const known = [...answers, ...programs.flatMap((program) => program.answers)];
  const first = known[0]?.title;
  if (refused === 0 && first === undefined) return "Nothing in it is a refusal.";
  return `${programs.length === 1 ? "The program is" : `${refused} of ${programs.length} programs ${refused === 1 ? "is" : "are"}`} refused${first === undefined ? "" : `: ${plain(first)}`}.`;
}

function programParts({ name, section, verdict, stats, answers }: ProgramAnswer, linkTo: LinkTo): readonly string[] {
  const cost = stats === undefined ? undefined : costText(stats);
  const title = name === undefined ? "A program" : `\`${name}\`${section === undefined ? "" : ` (\`${section}\`)`}`;
  return [
    `## ${title}: ${verdict === "unknown" ? "not said whether it was accepted" : verdict}`,
    ...(cost === undefined ? [] : [`${cost}.`]),
    ...answers.flatMap((answer) => [`### ${plain(answer.title)}`, answerBody(answer, linkTo)]),
  ];
}

function answerBody(
  { said, by, family, class: kind, meaning, advice, place, story, rules }: Answer,
  linkTo: LinkTo,
): string {
  const parts = [
    ...(place === undefined ? [] : [`${linkTo(place)}${codeOf(place)}`]),
    `${by === "verifier" ? "The verifier" : by === "kernel" ? "The kernel" : by === "libbpf" ? "libbpf" : "The loader"} says:\n\n${fenced(said)}`,
    ...(meaning === "" ? [] : [plain(meaning)]),
    CLASS_WORDS[kind],
    ...(story.length === 0
      ? []
      : [
          `**How it came about**\n\n${story.map((chapter) => `1. ${linkTo(chapter.place)}: ${plain(chapter.text)}`).join("\n")}`,
        ]),
    ...(advice === "" ? [] : [`**What to do**\n\n${plain(advice)}`]),
    ...(rules.length === 0 ? [] : [`Found before it is built by ${rules.map((rule) => `\`${rule}\``).join(", ")}.`]),
    ...(family === undefined ? [] : [`\`hookpoint explain ${family}\` tells of this kind of message in a terminal.`]),
  ];
  return parts.join("\n\n");
}

function codeOf({ text }: Place): string {
  return text === undefined || text.trim() === "" ? "" : `\n\n\`\`\`c\n${text.trim()}\n\`\`\``;
}

/** What was not written as Markdown is none; a message may be of many lines. */
function plain(text: string): string {
  return text.replace(/[\\`*_<>[\]#&|]/g, "\\$&").replace(/\s*\n\s*/g, " ");
}

/** Longer fences than any in what was said. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}
