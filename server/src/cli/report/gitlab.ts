/** Format: GitLab's code quality report. */

import type { Severity } from "../../analysis/rule.ts";
import { type FileReport, type Format, slashed } from "./report.ts";

export const gitlab: Format = {
  name: "gitlab",
  end: async (reports) => {
    // Slow to load, and no other format needs it.
    const { createHash } = await import("node:crypto");
    const hash: Hash = (text) => createHash("sha256").update(text).digest("hex");
    return `${JSON.stringify(
      reports.flatMap((report) => issuesOf(report, hash)),
      null,
      2,
    )}\n`;
  },
};

type Hash = (text: string) => string;

const SEVERITIES: Readonly<Record<Severity, string>> = {
  error: "critical",
  warning: "major",
  info: "minor",
  hint: "info",
};

/** The fingerprint tells old findings from new ones, so it must outlive a change of the line's number. */
function issuesOf({ path, findings }: FileReport, hash: Hash) {
  const seen = new Map<string, number>();
  return findings.map(({ rule, severity, message, range, line }) => {
    const what = `${slashed(path)}\n${rule}\n${message}\n${line.trim()}`;
    const nth = (seen.get(what) ?? 0) + 1;
    seen.set(what, nth);
    return {
      description: message,
      check_name: rule,
      fingerprint: hash(`${what}\n${nth}`),
      severity: SEVERITIES[severity],
      location: { path: slashed(path), lines: { begin: range.start.line + 1, end: range.end.line + 1 } },
    };
  });
}
