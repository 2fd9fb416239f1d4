/** One line of a verifier's log, told apart by its form alone; what it means in its place is for `read-log.ts`. */

import type { LoggedLine } from "./log.ts";
import { isNoise, isWeak, opensTable } from "./log-noise.ts";
import { type LoggedState, stateOf } from "./log-state.ts";

export type LogLine =
  | { readonly kind: "blank" | "noise" | "table" }
  | { readonly kind: "source"; readonly source: LoggedLine }
  | {
      readonly kind: "step";
      readonly instruction: number;
      readonly text: string;
      readonly state: LoggedState | undefined;
      /** What stands on the same line, because the kernel took the lines between back. */
      readonly rest: string | undefined;
    }
  | { readonly kind: "state"; readonly instruction: number | undefined; readonly state: LoggedState }
  | {
      readonly kind: "path";
      readonly from: number | undefined;
      readonly to: number;
      readonly state: LoggedState | undefined;
    }
  | { readonly kind: "call"; readonly what: "caller" | "callee" | "return" | "back" }
  | { readonly kind: "message"; readonly weak: boolean };

const STEP = /^(\d{1,9}): (\([0-9a-f]{2}\) |BUG_\w{1,20}_|<invalid )/;
const NUMBERED = /^(\d{1,9}):(?: |$)/;
const PATH = /^from (-?\d{1,9}) to (\d{1,9})(?: \(speculative execution\))?:/;
const PLACE = /^(.{1,255}):(\d{1,9})$/;
/** `(15) if r0 == 0x1 goto pc+3 14: R0=1`: also with nothing between the two. */
const GLUED = / (\d{1,9}):(?= ?(?:frame\d|R\d{1,2}(?:_[rwD]+)?=|fp-\d|refs=|safe$))/;
const SAFE = "safe";

/** @param line without indentation and line break */
export function logLine(line: string): LogLine {
  if (line === "") return { kind: "blank" };
  const first = line.charCodeAt(0);
  if (first === SEMICOLON) return { kind: "source", source: sourceOf(line) };
  if (first >= ZERO && first <= NINE) return numbered(line);
  const path = PATH.exec(line);
  if (path !== null) {
    const [whole, from, to] = path;
    return { kind: "path", from: Number(from), to: Number(to), state: stateOf(line.slice(whole.length).trim()) };
  }
  const call = callOf(line);
  if (call !== undefined) return { kind: "call", what: call };
  if (opensTable(line)) return { kind: "table" };
  if (isNoise(line)) return { kind: "noise" };
  const state = stateOf(line);
  return state === undefined
    ? { kind: "message", weak: isWeak(line) }
    : { kind: "state", instruction: undefined, state };
}

const SEMICOLON = 0x3b;
const ZERO = 0x30;
const NINE = 0x39;

function numbered(line: string): LogLine {
  const step = STEP.exec(line);
  if (step !== null) return stepOf(line, Number(step[1]));
  const number = NUMBERED.exec(line);
  if (number === null) return { kind: "message", weak: false };
  const instruction = Number(number[1]);
  const rest = line.slice(number[0].length).trim();
  if (rest === SAFE) return { kind: "noise" };
  const state = stateOf(rest);
  if (state !== undefined) return { kind: "state", instruction, state };
  // Where nothing is known of any register.
  return rest === "" ? { kind: "noise" } : { kind: "message", weak: false };
}

function stepOf(line: string, instruction: number): LogLine {
  const text = line.slice(line.indexOf(":") + 2);
  const glued = GLUED.exec(text);
  const own = glued === null ? text : text.slice(0, glued.index);
  const rest = glued === null ? undefined : text.slice(glued.index + 1);
  const at = startOfState(own);
  if (at === undefined) return { kind: "step", instruction, text: own.trimEnd(), state: undefined, rest };
  const state = stateOf(own.slice(at + 1).trim());
  return { kind: "step", instruction, text: own.slice(0, at).trimEnd(), state, rest };
}

/** Where `; R0=…` begins behind an instruction. */
function startOfState(text: string): number | undefined {
  const at = text.indexOf(";");
  return at > 0 && (text[at - 1] === " " || text[at - 1] === "\t") ? at : undefined;
}

function sourceOf(line: string): LoggedLine {
  const text = line.slice(1).trimStart();
  const mark = text.lastIndexOf(" @ ");
  // A long line without a place is not searched for one again and again.
  const place = mark < 0 || text.length - mark > 280 ? null : PLACE.exec(text.slice(mark + 3));
  if (place === null) return { text: text.trimEnd(), file: undefined, line: undefined, column: undefined };
  return { text: text.slice(0, mark).trimEnd(), file: place[1], line: Number(place[2]), column: undefined };
}

function callOf(line: string): "caller" | "callee" | "return" | "back" | undefined {
  if (line === "caller:") return "caller";
  if (line === "callee:") return "callee";
  if (line === "returning from callee:") return "return";
  return /^to caller at \d{1,9}:$/.test(line) ? "back" : undefined;
}
