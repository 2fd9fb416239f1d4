/** Format: GitHub's workflow commands, which show findings beside the lines of a pull request. */

import type { Severity } from "../../analysis/rule.ts";
import { type Format, type ReportedFinding, slashed } from "./report.ts";

export const github: Format = {
  name: "github",
  file: ({ path, findings, problems }) =>
    [
      ...findings.map((finding) => annotation(path, finding)),
      ...problems.map((problem) => `::error file=${property(slashed(path))}::${escaped(problem)}\n`),
    ].join(""),
};

const COMMANDS: Readonly<Record<Severity, string>> = {
  error: "error",
  warning: "warning",
  info: "notice",
  hint: "notice",
};

function annotation(path: string, { severity, range: { start, end }, rule, message }: ReportedFinding): string {
  // GitHub refuses columns on what spans several lines.
  const columns = start.line === end.line ? `,col=${start.character + 1},endColumn=${end.character + 1}` : "";
  const place = `file=${property(slashed(path))},line=${start.line + 1},endLine=${end.line + 1}${columns}`;
  return `::${COMMANDS[severity]} ${place},title=${property(rule)}::${escaped(message)}\n`;
}

function escaped(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return escaped(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
