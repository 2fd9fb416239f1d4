/** How hot lines are to the verifier: which of them it came by most. */

export interface LineVisits {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text?: string;
  readonly visits: number;
}

export interface Heat extends LineVisits {
  /** From 1 to 4, for four colours. */
  readonly level: 1 | 2 | 3 | 4;
  /** `looked at 120 times, 14 %` */
  readonly words: string;
}

/** @param before of the last run, for what has changed since */
export function heatOf(lines: readonly LineVisits[], before: readonly LineVisits[] = []): readonly Heat[] {
  const all = lines.reduce((sum, { visits }) => sum + visits, 0);
  const most = lines.reduce((max, { visits }) => Math.max(max, visits), 0);
  const former = new Map(keyed(before).map(([key, { visits }]) => [key, visits]));
  return keyed(lines)
    .filter(([, { visits }]) => visits > 0)
    .map(([key, one]) => ({
      ...one,
      level: levelOf(one.visits, most),
      words: wordsOf(one.visits, all, former.get(key)),
    }))
    .sort((a, b) => a.line - b.line);
}

/** The same words are the same line, wherever it is now; of several, the first is the first. */
function keyed(lines: readonly LineVisits[]): readonly (readonly [string, LineVisits])[] {
  const seen = new Map<string, number>();
  return [...lines]
    .sort((a, b) => a.line - b.line)
    .map((one) => {
      const words = JSON.stringify([one.file, one.text?.trim() || one.line]);
      const number = seen.get(words) ?? 0;
      seen.set(words, number + 1);
      return [`${words} ${number}`, one];
    });
}

function levelOf(visits: number, most: number): Heat["level"] {
  const share = visits / most;
  if (share > 0.5) return 4;
  if (share > 0.2) return 3;
  return share > 0.05 ? 2 : 1;
}

function wordsOf(visits: number, all: number, former: number | undefined): string {
  const share = (visits / all) * 100;
  const percent = share < 1 ? "under 1 %" : `${Math.round(share)} %`;
  const change = former === undefined || former === visits ? "" : `, before ${times(former)}`;
  return `looked at ${times(visits)}, ${percent}${change}`;
}

function times(visits: number): string {
  if (visits === 1) return "once";
  return `${String(visits).replace(/\B(?=(\d{3})+$)/g, ",")} times`;
}
