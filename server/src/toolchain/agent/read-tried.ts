/** Reads what the agent prints. */

import { ToolProblem } from "../problem.ts";
import type { KernelAnswer } from "./kernel-answer.ts";
import type { AgentHello, Tried, Unopened } from "./tried.ts";

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
    unopened: rest.find((one) => !("program" in one)) as unknown as Unopened | undefined,
  };
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
