/** Findings that are not looked for anew with each key: carried along with what is typed, until somebody looks again. */

import type { Finding } from "./analysis/lint.ts";
import { differenceOf, movedReport, mover } from "./analysis/moved.ts";
import type { Lines } from "./analysis/text.ts";

/** A text as it was when its findings were made. */
export interface Looked {
  readonly text: string;
  readonly lines: Lines;
  readonly findings: readonly Finding[];
}

/** Where the findings stand now. What was typed into is gone: somebody is about to mend it. */
export function carried(
  { text: before, lines: then, findings }: Looked,
  text: string,
  lines: Lines,
): readonly Finding[] {
  const difference = findings.length === 0 ? undefined : differenceOf(before, text);
  if (difference === undefined) return findings;
  const move = mover(difference, then, lines);
  return findings.flatMap((finding) => {
    // A fix is made anew when somebody asks for it.
    const { fixes: _, ...rest } = finding;
    return movedReport(rest, move) ?? [];
  });
}
