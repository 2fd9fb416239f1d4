/** Format: like a good compiler's: place, message, the line, what to do. */

import type { Severity } from "../../analysis/rule.ts";
import type { Format, FormatContext, ReportedFinding } from "./report.ts";

export const text: Format = {
  name: "text",
  file: ({ path, findings }, context) => findings.map((finding) => rendered(path, finding, context)).join(""),
};

const MAX_LINE = 240;
const MAX_BEFORE = 160;

function rendered(path: string, finding: ReportedFinding, context: FormatContext): string {
  const { range, severity, message, rule, line: whole, fixes, related } = finding;
  const { line, character } = range.start;
  // Generated files may be one line: what is far from the finding is not shown.
  const from = character > MAX_BEFORE ? character - MAX_BEFORE : 0;
  const source = whole.slice(from, from + MAX_LINE);
  const number = String(line + 1);
  const gutter = " ".repeat(number.length);
  const column = character - from;
  const end = Math.min(range.end.line === line ? range.end.character - from : source.length, source.length);
  // Tabs stay tabs under the line, so the underline stands right however wide the terminal makes them.
  const indent = source.slice(0, column).replace(/[^\t]/g, " ");
  const paint = painter(context);
  const why = context.told.has(rule) ? undefined : context.ruleNamed(rule)?.rationale;
  context.told.add(rule);
  const notes = [
    ...(why === undefined ? [] : [`why: ${firstSentence(why)}`]),
    ...related.map((place) => `note: ${place.message}: ${path}:${place.range.start.line + 1}`),
    ...fixes.map(({ title }) => `help: ${title}`),
  ];
  return `${paint("bold", `${path}:${number}:${character + 1}:`)} ${paint(severity, `${severity}:`)} ${paint("bold", message)} [${rule}]
 ${paint("faint", `${number} |`)} ${source}
 ${paint("faint", `${gutter} |`)} ${indent}${paint(severity, "^".repeat(Math.max(1, end - column)))}
${notes.map((note) => ` ${gutter} ${paint("faint", "=")} ${note}\n`).join("")}`;
}

/** The rest is for `--explain`. */
export function firstSentence(markdown: string): string {
  const plain = markdown.replace(/\s+/g, " ");
  return (/^.*?[.!?](?=\s|$)/.exec(plain)?.[0] ?? plain).replace(/[.]$/, "");
}

const CODES: Readonly<Record<Severity | "bold" | "faint", string>> = {
  error: "1;31",
  warning: "1;33",
  info: "1;34",
  hint: "1;36",
  bold: "1",
  faint: "2",
};

function painter({ colour }: FormatContext): (how: keyof typeof CODES, words: string) => string {
  return (how, words) => (colour ? `\u001b[${CODES[how]}m${words}\u001b[0m` : words);
}
