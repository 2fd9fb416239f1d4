/** Format: SARIF 2.1.0, which code scanning of GitHub and others reads. */

import { explain } from "../../analysis/explain.ts";
import type { Severity } from "../../analysis/rule.ts";
import type { Range, TextEdit } from "../../analysis/text.ts";
import { type FileReport, type Format, type FormatContext, type ReportedFinding, slashed } from "./report.ts";

export const sarif: Format = {
  name: "sarif",
  end: (reports, context) => `${JSON.stringify(logOf(reports, context), null, 2)}\n`,
};

const LEVELS: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  error: "error",
  warning: "warning",
  info: "note",
  hint: "note",
};

function logOf(reports: readonly FileReport[], context: FormatContext) {
  const ids = [...new Set(reports.flatMap(({ findings }) => findings.map(({ rule }) => rule)))].sort();
  const problems = reports.flatMap((report) => report.problems.map((problem) => notification(report.path, problem)));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "Hookpoint", version: context.version, rules: ids.map((id) => ruleOf(id, context)) } },
        columnKind: "utf16CodeUnits",
        invocations: [{ executionSuccessful: problems.length === 0, toolExecutionNotifications: problems }],
        results: reports.flatMap((report) => report.findings.map((finding) => resultOf(report.path, finding, ids))),
      },
    ],
  };
}

function notification(path: string, text: string) {
  return { level: "error", message: { text }, locations: [{ physicalLocation: { artifactLocation: placed(path) } }] };
}

function ruleOf(id: string, { ruleNamed }: FormatContext) {
  const meta = ruleNamed(id);
  if (meta === undefined) return { id };
  const page = explain(meta);
  return {
    id,
    shortDescription: { text: `${meta.summary}.` },
    fullDescription: { text: meta.rationale },
    help: { text: page, markdown: page },
    defaultConfiguration: { level: LEVELS[meta.severity] },
    properties: { tags: ["ebpf", meta.group] },
  };
}

function resultOf(
  path: string,
  { rule, severity, message, range, fixes, related }: ReportedFinding,
  ids: readonly string[],
) {
  return {
    ruleId: rule,
    ruleIndex: ids.indexOf(rule),
    level: LEVELS[severity],
    message: { text: message },
    locations: [{ physicalLocation: { artifactLocation: placed(path), region: regionOf(range) } }],
    ...(related.length > 0 && {
      relatedLocations: related.map((place, id) => ({
        id,
        message: { text: place.message },
        physicalLocation: { artifactLocation: placed(path), region: regionOf(place.range) },
      })),
    }),
    ...(fixes.length > 0 && { fixes: fixes.map(({ title, edits }) => fixOf(path, title, edits)) }),
  };
}

function fixOf(path: string, title: string, edits: readonly TextEdit[]) {
  const replacements = edits.map(({ range, newText }) => ({
    deletedRegion: regionOf(range),
    insertedContent: { text: newText },
  }));
  return { description: { text: title }, artifactChanges: [{ artifactLocation: placed(path), replacements }] };
}

function placed(path: string) {
  return { uri: slashed(path).split("/").map(encodeURIComponent).join("/") };
}

function regionOf({ start, end }: Range) {
  return {
    startLine: start.line + 1,
    startColumn: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
}
