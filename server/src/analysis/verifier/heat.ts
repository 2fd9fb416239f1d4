/** How hot lines are to the verifier: what each took of all that it looked at. */

import { counted, number } from "./cost-text.ts";
import { type Costs, compareCosts, type LineCost } from "./costs.ts";

export interface Heat extends LineCost {
  /** From 1 to 4, for four colours. */
  readonly level: 1 | 2 | 3 | 4;
  /** `40 times, 160 instructions, 29 % of all` */
  readonly words: string;
}

/** Of a program of a few lines no line is hot. */
const COOL = 100;

/** @param before of the last run, for what has changed since */
export function heatOf(now: Costs, before?: Costs): readonly Heat[] {
  const most = now.lines.reduce((max, { processed }) => Math.max(max, processed), COOL);
  const changes = before === undefined ? [] : compareCosts(before, now);
  const former = new Map(changes.map((change) => [change.line, change.before]));
  return now.lines.map((line) => ({
    ...line,
    level: levelOf(line.processed / most),
    words: wordsOf(line, former.get(line)),
  }));
}

function levelOf(share: number): Heat["level"] {
  if (share > 0.5) return 4;
  if (share > 0.2) return 3;
  return share > 0.05 ? 2 : 1;
}

function wordsOf({ visits, processed, share }: LineCost, former: number | undefined): string {
  const times = visits === 1 ? "once" : `${number(visits)} times`;
  const percent = share < 0.01 ? "under 1 % of all" : `${Math.round(share * 100)} % of all`;
  const before = former === undefined ? "" : `, ${number(former)} before`;
  return `${times}, ${counted(processed, "instruction")}, ${percent}${before}`;
}
