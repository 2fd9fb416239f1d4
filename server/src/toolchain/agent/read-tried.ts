/** Reads what the agent prints. */

import { ToolProblem } from "../problem.ts";
import type { KernelAnswer } from "./kernel-answer.ts";
import type { AgentHello, Missing, Tried, Unopened } from "./tried.ts";

export function readTried(output: string): KernelAnswer {
  const lines = output
    .split("\n")
    .filter((line) => line !== "")
    .map(parsed);
  const [first, ...rest] = lines;
  if (first === undefined || !("agent" in first))
    throw new ToolProblem("The agent that loads programs gave no answer.");
  return {
    hello: first as unknown as AgentHello,
    programs: rest.filter((one) => "program" in one) as unknown as readonly Tried[],
    unopened: rest.find((one) => "error" in one && !("program" in one)) as unknown as Unopened | undefined,
    missing: rest.filter((one) => "missing" in one).map((one) => (one as Missing).missing),
  };
}

/** Whose turn it was when the agent ended in the middle: it names a program before it loads it. */
export function cutOffAt(output: string): string | undefined {
  const last = output.slice(output.lastIndexOf("\n") + 1);
  return /^\{"program":"((?:[^"\\]|\\.)*)"/.exec(last)?.[1];
}

function parsed(line: string): object {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new ToolProblem(`The agent that loads programs was cut off: ${line.slice(0, 200)}`);
}
