/** Which of some C sources a log is of that names none: told by the lines it quotes, since a wrong one would be a false statement. */

import type { LoadAnswer } from "./answer.ts";
import { bare, type SourceText } from "./place-by-text.ts";

/** Undefined where the log has places of its own, where no source has most of its lines, or where two are as likely. */
export function sourceOfLog({ programs }: LoadAnswer, sources: readonly SourceText[]): SourceText | undefined {
  const unplaced = programs.filter(({ answers }) => answers.some(({ place }) => place === undefined));
  const quoted = new Set(unplaced.flatMap(({ log }) => quotedIn(log)));
  if (quoted.size === 0) return undefined;
  const counted = sources
    .map((source) => ({ source, lines: new Set(source.text.split(/\r?\n/).map(bare)) }))
    .map(({ source, lines }) => ({ source, count: [...quoted].filter((line) => lines.has(line)).length }))
    .sort((one, other) => other.count - one.count);
  const [first, second] = counted;
  if (first === undefined || first.count * 2 <= quoted.size || first.count === second?.count) return undefined;
  return first.source;
}

/** `; int x = 1;`, without what every source has. */
function quotedIn(log: string): readonly string[] {
  return [...log.matchAll(/^; (.*)$/gm)].map(([, text = ""]) => bare(text)).filter((text) => /\w/.test(text));
}
