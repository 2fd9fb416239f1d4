/** Takes a verifier's log apart, of any kernel since 4.18, whole or damaged; it never throws. */

import type { Stats } from "./answer.ts";
import type { LoggedLine, Message, Step, VerifierLog } from "./log.ts";

const INSTRUCTION = /^(\d+): (\([0-9a-f]{2}\) .*?)(?:\s*;\s(.*))?$/;
const STATE = /^(?:(\d+): )?\s*(?:frame(\d+):)?\s*((?:R\d+|fp-\d+|refs)\S*=.*)$/;
const SOURCE = /^; (.*?)(?: @ (.+):(\d+))?$/;
const PROCESSED =
  /^processed (\d+) insns(?: \(limit (\d+)\) max_states_per_insn (\d+) total_states (\d+) peak_states (\d+) mark_read (\d+))?/;

export function readLog(text: string): VerifierLog {
  const steps: Step[] = [];
  const messages: Message[] = [];
  let source: LoggedLine | undefined;
  let stats: Stats | undefined;
  for (const line of text.split(/\r?\n/)) {
    const instruction = INSTRUCTION.exec(line);
    const from = SOURCE.exec(line);
    const processed = PROCESSED.exec(line);
    if (instruction !== null) {
      const [, number = "", code = "", after = ""] = instruction;
      steps.push({ instruction: Number(number), text: code, frame: 0, state: stateOf(after), source });
    } else if (from !== null) {
      const [, words = "", file, row] = from;
      source = { text: words, file, line: row === undefined ? undefined : Number(row), column: undefined };
    } else if (processed !== null) {
      stats = { ...stats, processed: Number(processed[1]), limit: Number(processed[2]) };
    } else if (line.trim() !== "" && !STATE.test(line)) {
      messages.push({ text: line, after: steps.length });
    }
  }
  return { steps, messages, stats, block: undefined, cut: "no" };
}

function stateOf(text: string): ReadonlyMap<string, string> {
  const pairs = text.matchAll(/(R\d+|fp-\d+)(?:_\w+)?=((?:[^\s(]|\([^)]*\))*)/g);
  return new Map([...pairs].map(([, name = "", value = ""]) => [name, value]));
}
