/** Format: GitLab's code quality report. */

import { createHash } from "node:crypto";
import type { Severity } from "../../analysis/rule.ts";
import { type FileReport, type Format, slashed } from "./report.ts";

export const gitlab: Format = {
  name: "gitlab",
  end: (reports) => `${JSON.stringify(reports.flatMap(issuesOf), null, 2)}\n`,
};

const SEVERITIES: Readonly<Record<Severity, string>> = {
  error: "critical",
  warning: "major",
  info: "minor",
  hint: "info",
};

/** The fingerprint tells old findings from new ones, so it must outlive a change of the line's number. */
function issuesOf({ path, findings }: FileReport) {
  const seen = new Map<string, number>();
  return findings.map(({ rule, severity, message, range, line }) => {
    const what = `${slashed(path)}\n${rule}\n${message}\n${line.trim()}`;
    const nth = (seen.get(what) ?? 0) + 1;
    seen.set(what, nth);
    return {
      description: message,
      check_name: rule,
      fingerprint: createHash("sha256").update(`${what}\n${nth}`).digest("hex"),
      severity: SEVERITIES[severity],
      location: { path: slashed(path), lines: { begin: range.start.line + 1, end: range.end.line + 1 } },
    };
  });
}
