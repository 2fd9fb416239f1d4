/** Applying fixes to a text: as many as do not stand in each other's way. */

import type { Finding } from "./lint.ts";
import type { Fix } from "./rule.ts";
import { applyEdits, comparePositions, type TextEdit } from "./text.ts";

export interface Fixed {
  readonly text: string;
  readonly edits: readonly TextEdit[];
  /** The findings whose fix was applied. */
  readonly applied: readonly Finding[];
}

/** The first fix of each finding. What overlaps an earlier one waits for the next round; with `unsafe` all sorts are taken. */
export function applyFixes(
  text: string,
  findings: readonly Finding[],
  { unsafe }: { readonly unsafe: boolean },
): Fixed {
  const taken: TextEdit[] = [];
  const applied: Finding[] = [];
  for (const finding of findings) {
    const [fix] = finding.fixes ?? [];
    if (fix === undefined || (!unsafe && safetyOf(fix, finding) === "unsafe")) continue;
    // Two findings may both ask for the same include.
    const fresh = fix.edits.filter((edit) => !taken.some((other) => isSame(edit, other)));
    if (fresh.some((edit) => taken.some((other) => overlap(edit, other)))) continue;
    taken.push(...fresh);
    applied.push(finding);
  }
  return {
    text: applyEdits(
      text,
      taken.map((edit) => withBreaksOf(text, edit)),
    ),
    edits: taken,
    applied,
  };
}

/** What is put in has the line breaks of the file that it goes into. */
function withBreaksOf(text: string, { range, newText }: TextEdit): TextEdit {
  return { range, newText: text.includes("\r\n") ? newText.replace(/\r?\n/g, "\r\n") : newText };
}

export function safetyOf({ safety }: Fix, { rule }: Pick<Finding, "rule">): "safe" | "unsafe" {
  return safety ?? (rule.fix === "safe" ? "safe" : "unsafe");
}

function isSame(a: TextEdit, b: TextEdit): boolean {
  return (
    a.newText === b.newText &&
    comparePositions(a.range.start, b.range.start) === 0 &&
    comparePositions(a.range.end, b.range.end) === 0
  );
}

/** Insertions at one place come one after the other; everything else may only touch. */
function overlap({ range: a }: TextEdit, { range: b }: TextEdit): boolean {
  return comparePositions(a.start, b.end) < 0 && comparePositions(b.start, a.end) < 0;
}
