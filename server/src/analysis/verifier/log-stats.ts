/** What a verifier counted, from the lines at the end of its log; numbers were added over the releases. */

import type { Stats } from "./answer.ts";

const PROCESSED = /^processed (\d+) insns(?: \(limit (\d+)\))?/;
/** Up to 5.0: `processed 12 insns (limit 131072), stack depth 0+16` */
const DEPTH_BEHIND = /, stack depth ([\d+]+)/;
const COUNTS: readonly (readonly [RegExp, keyof Stats])[] = [
  [/ max_states_per_insn (\d+)/, "maxStatesPerInstruction"],
  [/ total_states (\d+)/, "totalStates"],
  [/ peak_states (\d+)/, "peakStates"],
  [/ mark_read (\d+)/, "markRead"],
];
const TIME = /^verification time (\d+) usec/;
const DEPTH = /^stack depth (\d+(?:\+\d+)*)/;
/** From 7.3 on: the deepest of all calls, and then a line for each function. */
const DEEPEST = /^stack depth max \d+$/;
const FUNCTION = /^subprog \d+ \(.{1,255}\) \w+ insns_self \d+ insns_total \d+ stack (\d+)$/;
/** Some messages end without a line break, and the numbers stand right behind them. */
const GLUED =
  /verification time \d+ usec|stack depth (?:max )?\d+|subprog \d+ \(.{1,255}\) \w+ insns_self|processed \d+ insns/;

/**
 * The numbers of a line; undefined where it has none.
 * @param before those of the lines before it
 */
export function statsOf(line: string, before?: Stats): Stats | undefined {
  const time = TIME.exec(line);
  if (time !== null) return { verificationMicroseconds: Number(time[1]) };
  const depth = DEPTH.exec(line);
  if (depth !== null) return { stackDepth: depthsOf(depth[1]) };
  if (DEEPEST.test(line)) return {};
  const ofFunction = FUNCTION.exec(line);
  if (ofFunction !== null) return { stackDepth: [...(before?.stackDepth ?? []), Number(ofFunction[1])] };
  const processed = PROCESSED.exec(line);
  if (processed === null) return undefined;
  const [, count, limit] = processed;
  const counts = COUNTS.flatMap(([pattern, name]) => {
    const found = pattern.exec(line);
    return found === null ? [] : [[name, Number(found[1])] as const];
  });
  const behind = DEPTH_BEHIND.exec(line);
  return {
    processed: Number(count),
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    ...Object.fromEntries(counts),
    ...(behind === null ? {} : { stackDepth: depthsOf(behind[1]) }),
  };
}

/** Where in a line the numbers begin, 0 where it has nothing else; undefined where it has none. */
export function startOfStats(line: string): number | undefined {
  return GLUED.exec(line)?.index;
}

function depthsOf(text = ""): readonly number[] {
  return text
    .split("+")
    .filter((part) => part !== "")
    .map(Number);
}
