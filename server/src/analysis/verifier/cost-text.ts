/** What a verification cost, in a line: for code lenses, beside what it cost before. */

import type { Stats } from "./answer.ts";

/** `1,234 of 1,000,000 instructions · 12 states · stack 72 bytes · 0.4 ms · 12 % less than before`; undefined where nothing is known. */
export function costText(now: Stats, before?: Stats): string | undefined {
  const { processed, limit, totalStates, stackDepth, verificationMicroseconds } = now;
  const parts = [
    processed === undefined ? undefined : instructionsText(processed, limit),
    totalStates === undefined ? undefined : counted(totalStates, "state"),
    stackDepth === undefined || stackDepth.length === 0 ? undefined : `stack ${stackDepth.join(" + ")} bytes`,
    verificationMicroseconds === undefined ? undefined : timeText(verificationMicroseconds),
    changeText(processed, before?.processed),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(" · ");
}

/** `12 % less than before`; undefined where it is the same or nothing is known. */
export function changeText(now: number | undefined, before: number | undefined): string | undefined {
  if (now === undefined || before === undefined || before === 0 || now === before) return undefined;
  const percent = (Math.abs(now - before) / before) * 100;
  const direction = now < before ? "less" : "more";
  if (percent >= 1000) return `${number(Math.round(now / before))} times as much as before`;
  return `${percent < 1 ? "under 1" : number(Math.round(percent))} % ${direction} than before`;
}

/** With commas between thousands. */
export function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

export function counted(value: number, what: string): string {
  return `${number(value)} ${what}${value === 1 ? "" : "s"}`;
}

/** `1,234 of 1,000,000 instructions` */
export function instructionsText(processed: number, limit: number | undefined): string {
  return limit === undefined
    ? counted(processed, "instruction")
    : `${number(processed)} of ${counted(limit, "instruction")}`;
}

function timeText(microseconds: number): string {
  if (microseconds < 1000) return `${microseconds} µs`;
  const milliseconds = microseconds / 1000;
  if (milliseconds < 1000) return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
