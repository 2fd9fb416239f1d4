/** Which findings of our rules are the same thing as what a kernel or a loader says: it is shown once, with their fix. */

import type { Finding } from "../lint.ts";
import type { RuleMeta } from "../rule.ts";
import type { Answer } from "./answer.ts";
import { sameFile } from "./same-file.ts";

export interface Lines {
  /** From 1, as compilers count. */
  readonly from: number;
  readonly to: number;
}

/**
 * @param file of the findings
 * @param program the lines of the program that was refused, where they are known
 * @returns those of the answer's rules: on its line, or on one of its story; else the only one of the program
 */
export function sameFindings<T extends Pick<Finding, "range"> & { readonly rule: Pick<RuleMeta, "id"> }>(
  answer: Answer,
  findings: readonly T[],
  { file, program }: { readonly file: string; readonly program?: Lines },
): readonly T[] {
  const ours = findings.filter(({ rule }) => answer.rules.includes(rule.id));
  for (const place of [answer.place, ...answer.story.map((chapter) => chapter.place)]) {
    if (place === undefined || (place.file !== undefined && !sameFile(place.file, file))) continue;
    const here = ours.filter(({ range }) => isOn(range, { from: place.line, to: place.line }));
    if (here.length > 0) return here;
  }
  if (program === undefined) return [];
  const within = ours.filter(({ range }) => isOn(range, program));
  return within.length === 1 ? within : [];
}

const isOn = ({ start, end }: Finding["range"], { from, to }: Lines): boolean =>
  start.line + 1 <= to && end.line + 1 >= from;
