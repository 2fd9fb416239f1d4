/** Feature: diagnostics. The findings of the linter in the words of LSP. */

import type { Diagnostic, DiagnosticSeverity, DiagnosticTag } from "vscode-languageserver-types";
import type { Finding } from "../analysis/lint.ts";
import type { Severity } from "../analysis/rule.ts";

export const SOURCE = "hookpoint";

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = { error: 1, warning: 2, info: 3, hint: 4 };
const DEPRECATED: DiagnosticTag = 2;

export function diagnostics(findings: readonly Finding[]): Diagnostic[] {
  return findings.map(({ range, message, rule, severity }) => ({
    range,
    message,
    severity: SEVERITIES[severity],
    code: rule.id,
    source: SOURCE,
    ...(rule.deprecated === true ? { tags: [DEPRECATED] } : {}),
  }));
}
