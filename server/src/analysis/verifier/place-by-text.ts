/** Finds the lines of a source by their text, as logs of older kernels have nothing else; what may be several is none. */

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
  return candidates.map((own, i) => (own.length === 1 ? own[0] : between(own, i, candidates, lines)));
}

/** White space is no part of what tells lines from one another. */
const bare = (text: string): string => text.trim().replace(/\s+/g, " ");

/**
 * The only one of several that stands in the function of the nearest lines before and behind that are sure, and between
 * these where they are in order.
 */
function between(
  own: readonly number[],
  at: number,
  all: readonly (readonly number[])[],
  lines: readonly string[],
): number | undefined {
  if (own.length === 0) return undefined;
  const sure = (i: number): number | undefined => (all[i]?.length === 1 ? all[i]?.[0] : undefined);
  let [before, behind]: (number | undefined)[] = [];
  for (let i = at - 1; i >= 0 && before === undefined; i--) before = sure(i);
  for (let i = at + 1; i < all.length && behind === undefined; i++) behind = sure(i);
  if (before === undefined || behind === undefined || before > behind) return undefined;
  // Lines of two functions say nothing of what lies between.
  if (lines.slice(before - 1, behind).some((line, i) => line.startsWith("}") && i < behind - before)) return undefined;
  const fitting = own.filter((line) => line >= before && line <= behind);
  return fitting.length === 1 ? fitting[0] : undefined;
}
