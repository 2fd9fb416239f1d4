/** Feature: diagnostics. The findings of the linter in the words of LSP. */

import type { Diagnostic, DiagnosticSeverity, DiagnosticTag } from "vscode-languageserver-types";
import type { Finding } from "../analysis/lint.ts";
import type { Severity } from "../analysis/rule.ts";

export const SOURCE = "hookpoint";

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = { error: 1, warning: 2, info: 3, hint: 4 };
const UNNECESSARY: DiagnosticTag = 1;
const DEPRECATED: DiagnosticTag = 2;

export interface DiagnosticsOptions {
  readonly uri: string;
  /** The editor's command that shows a rule; without it findings link to nothing. */
  readonly explainCommand?: string | undefined;
}

export function diagnostics(findings: readonly Finding[], options: DiagnosticsOptions): Diagnostic[] {
  return findings.map((finding) => diagnostic(finding, options));
}

function diagnostic(
  { range, message, rule, severity, related = [] }: Finding,
  { uri, explainCommand }: DiagnosticsOptions,
): Diagnostic {
  const tags = [...(rule.deprecated === true ? [DEPRECATED] : []), ...(rule.unnecessary === true ? [UNNECESSARY] : [])];
  return {
    range,
    message,
    severity: SEVERITIES[severity],
    code: rule.id,
    source: SOURCE,
    ...(explainCommand !== undefined && { codeDescription: { href: explainLink(explainCommand, rule.id) } }),
    ...(tags.length > 0 && { tags }),
    ...(related.length > 0 && {
      relatedInformation: related.map((place) => ({ location: { uri, range: place.range }, message: place.message })),
    }),
  };
}

function explainLink(command: string, rule: string): string {
  return `command:${command}?${encodeURIComponent(JSON.stringify([rule]))}`;
}
