/** Finds the lines of a source by their text, as logs of older kernels have nothing else; what may be several is none. */

/** A C source that a log may be of. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/**
 * @param source the whole file
 * @param texts as the log prints them, in its order
 * @returns for each the line, from 1; undefined where it cannot be told
 */
export function placeByText(source: string, texts: readonly string[]): readonly (number | undefined)[] {
  const lines = source.split(/\r?\n/).map(bare);
  const byText = new Map<string, number[]>();
  for (const [i, line] of lines.entries()) {
    if (line === "") continue;
    const known = byText.get(line);
    if (known === undefined) byText.set(line, [i + 1]);
    else known.push(i + 1);
  }
  const candidates = texts.map((text) => byText.get(bare(text)) ?? []);
  const sure = candidates.map((own) => (own.length === 1 ? own[0] : undefined));
  const before = nearestSure(sure);
  const behind = nearestSure([...sure].reverse()).reverse();
  return candidates.map((own, i) => sure[i] ?? between(own, before[i], behind[i], lines));
}

/** For each the last before it that is known. */
function nearestSure(sure: readonly (number | undefined)[]): (number | undefined)[] {
  let last: number | undefined;
  return sure.map((line) => {
    const before = last;
    last = line ?? last;
    return before;
  });
}

/** White space is no part of what tells lines from one another. */
export const bare = (text: string): string => text.trim().replace(/\s+/g, " ");

/**
 * The only one of several that stands in the function of the nearest lines before and behind that are sure, and between
 * these where they are in order.
 */
function between(
  own: readonly number[],
  before: number | undefined,
  behind: number | undefined,
  lines: readonly string[],
): number | undefined {
  if (before === undefined || behind === undefined || before > behind) return undefined;
  // Lines of two functions say nothing of what lies between.
  if (lines.slice(before - 1, behind).some((line, i) => line.startsWith("}") && i < behind - before)) return undefined;
  const fitting = own.filter((line) => line >= before && line <= behind);
  return fitting.length === 1 ? fitting[0] : undefined;
}
