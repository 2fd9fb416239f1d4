/** What is reported of a run, as plain data, and the interface of the formats that print it. */

import type { RuleMeta, Severity } from "../../analysis/rule.ts";
import type { Range, TextEdit } from "../../analysis/text.ts";

export interface FileReport {
  /** As named on the command line, or below a folder that was. */
  readonly path: string;
  readonly findings: readonly ReportedFinding[];
  /** How many findings `--fix` has mended. */
  readonly fixed: number;
  /** What went wrong, in a sentence each. */
  readonly problems: readonly string[];
}

export interface ReportedFinding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly range: Range;
  /** The line on which it begins. */
  readonly line: string;
  readonly fixes: readonly { readonly title: string; readonly safe: boolean; readonly edits: readonly TextEdit[] }[];
  readonly related: readonly { readonly range: Range; readonly message: string }[];
}

export interface Format {
  /** As after `--format`. */
  readonly name: string;
  /** What is printed for a file as soon as it is known. */
  readonly file?: (report: FileReport, context: FormatContext) => string;
  /** What is printed at the end. */
  readonly end?: (reports: readonly FileReport[], context: FormatContext) => string | Promise<string>;
}

export interface FormatContext {
  readonly version: string;
  readonly ruleNamed: (id: string) => RuleMeta | undefined;
  /** Whether a person looks at it on a terminal. */
  readonly colour: boolean;
  /** Rules whose reason has been told. A format may add to it. */
  readonly told: Set<string>;
}

/** Folders of a path as in an address, whatever the system calls them. */
export function slashed(path: string): string {
  return path.replaceAll("\\", "/").replace(/^\.\//, "");
}
