/** Format: one JSON object, documented in server/docs/check.md. */

import type { Range } from "../../analysis/text.ts";
import type { FileReport, Format, ReportedFinding } from "./report.ts";

/** Raised when a reader of an older shape could no longer make sense of the output. */
const CHECK_FORMAT = 1;

export const json: Format = {
  name: "json",
  end: (reports, { version }) =>
    `${JSON.stringify({ format: CHECK_FORMAT, hookpoint: version, files: reports.map(fileOf) }, null, 2)}\n`,
};

function fileOf({ path, findings, fixed, problems }: FileReport) {
  return { path, findings: findings.map(findingOf), fixed, problems };
}

function findingOf({ rule, severity, message, range, fixes, related }: ReportedFinding) {
  return {
    rule,
    severity,
    message,
    range: fromOne(range),
    fixes: fixes.map(({ title, safe, edits }) => ({
      title,
      safe,
      edits: edits.map((edit) => ({ range: fromOne(edit.range), newText: edit.newText })),
    })),
    related: related.map((place) => ({ range: fromOne(place.range), message: place.message })),
  };
}

/** Lines and columns as people count them, from one. */
function fromOne({ start, end }: Range) {
  return {
    start: { line: start.line + 1, column: start.character + 1 },
    end: { line: end.line + 1, column: end.character + 1 },
  };
}
