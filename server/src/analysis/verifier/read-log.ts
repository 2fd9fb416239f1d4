/** Takes a verifier's log apart, of any kernel since 4.18, whole or damaged; it never throws, and long ones take no room. */

import type { Stats } from "./answer.ts";
import { blockReader } from "./block.ts";
import { lastOf, linesOf } from "./lines.ts";
import type { Message, VerifierLog } from "./log.ts";
import { logLine } from "./log-line.ts";
import { isTableRow } from "./log-noise.ts";
import { startOfStats, statsOf } from "./log-stats.ts";
import { walker } from "./log-walk.ts";

const MOST_MESSAGES = 2_000;
const LONGEST_MESSAGE = 4_096;
/** What whoever passes a log on puts where it left something out. */
const LEFT_OUT = /^\(?(?:\d+ bytes of the log are left out here|\d+ line\(s\) omitted|truncated\.\.\.)\)?$/;

export function readLog(text: string): VerifierLog {
  const taker = lineTaker();
  const lines = linesOf(taker.take);
  lines.push(text);
  lines.end();
  return taker.end();
}

/** Line by line, so that whoever reads long ones can do other things between two. */
export interface LineTaker {
  readonly take: (line: string) => void;
  readonly end: () => VerifierLog;
}

export function lineTaker(): LineTaker {
  const messages = lastOf<Message>(MOST_MESSAGES);
  const block = blockReader();
  const walk = walker();
  let stats: Stats | undefined;
  let inTable = false;
  let leftOut = false;

  const takeNumbers = (line: string): boolean => {
    const start = startOfStats(line);
    if (start === undefined || line.startsWith(";")) return false;
    const found = statsOf(line.slice(start), stats);
    if (found === undefined) return false;
    if (start > 0) take(line.slice(0, start));
    stats = { ...stats, ...found };
    return true;
  };
  const takeMessage = (line: string, weak: boolean): void => {
    if (LEFT_OUT.test(line)) leftOut = true;
    else messages.add(messageOf(line, walk.steps.count(), weak));
  };
  const take = (raw: string): void => {
    const line = raw.trim();
    if (takeNumbers(line) || block.take(raw)) return;
    if (inTable && isTableRow(line)) return;
    const found = logLine(line);
    inTable = found.kind === "table";
    if (found.kind === "message") takeMessage(line, found.weak);
    else walk.take(found, line);
  };
  return {
    take,
    end: () => {
      const dropped = walk.steps.dropped();
      const steps = walk.steps.all();
      const found = messages.all().map((one) => ({ ...one, after: Math.max(0, one.after - dropped) }));
      const short = steps.length > 0 && stats?.processed === undefined;
      const cut = leftOut ? "middle" : walk.isHeadless() ? "beginning" : short ? "end" : "no";
      return { steps, messages: found, stats, block: block.end(), cut };
    },
  };
}

function messageOf(line: string, after: number, weak: boolean): Message {
  const text = line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE)}…` : line;
  return weak ? { text, after, weak } : { text, after };
}
