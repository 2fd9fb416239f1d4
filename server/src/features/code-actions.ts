/** Feature: code actions. The fixes of the findings at a place. Findings are computed anew, nothing is remembered. */

import type { CodeAction } from "vscode-languageserver-types";
import type { Finding } from "../analysis/lint.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import { type Range, rangesTouch } from "../analysis/text.ts";
import { diagnostics } from "./diagnostics.ts";

export function codeActions({ uri }: Snapshot, findings: readonly Finding[], range: Range): CodeAction[] {
  return findings
    .filter((finding) => rangesTouch(finding.range, range))
    .flatMap((finding) =>
      (finding.fixes ?? []).map((fix, i) => ({
        title: fix.title,
        kind: "quickfix",
        diagnostics: diagnostics([finding]),
        isPreferred: i === 0,
        edit: { changes: { [uri]: [...fix.edits] } },
      })),
    );
}
