/** What came of builds as JSON, in the shape of `check --format json` where they tell the same. */

import type { Range } from "../../analysis/text.ts";
import type { Outcome } from "../../toolchain/build-all.ts";
import type { BuildDiagnostic } from "../../toolchain/build-diagnostic.ts";

/** Raised when a reader of an older shape could no longer make sense of the output. */
const BUILD_FORMAT = 1;

export function buildsAsJson(outcomes: readonly Outcome[]): string {
  return `${JSON.stringify({ format: BUILD_FORMAT, builds: outcomes.map(buildOf) }, null, 2)}\n`;
}

function buildOf({ source, result, problem }: Outcome) {
  if (result === undefined) return { source, ok: false, problem: problem?.message };
  const { ok, fresh, plan, diagnostics, output } = result;
  const { object, program, version, flags, origin, cwd, notes } = plan;
  const compiler = { name: plan.compiler, program, version };
  return {
    ...{ source, object, ok, fresh, compiler, flags, origin, cwd, notes, diagnostics: diagnostics.map(diagnosticOf) },
    ...(ok || diagnostics.length > 0 ? {} : { output }),
  };
}

function diagnosticOf({ file, range, severity, message, flag, notes, fixes, explanation }: BuildDiagnostic) {
  return {
    ...{ path: file, range: fromOne(range), severity, message, flag },
    notes: notes.map((note) => ({ path: note.file, range: fromOne(note.range), message: note.message })),
    fixes: fixes.map(({ title, edits }) => ({
      title,
      edits: edits.map((edit) => ({ path: edit.file, range: fromOne(edit.range), newText: edit.newText })),
    })),
    ...(explanation === undefined ? {} : { explanation: { id: explanation.id, text: explanation.text } }),
  };
}

/** Lines and columns as people count them, from one. */
function fromOne({ start, end }: Range) {
  return {
    start: { line: start.line + 1, column: start.character + 1 },
    end: { line: end.line + 1, column: end.character + 1 },
  };
}
