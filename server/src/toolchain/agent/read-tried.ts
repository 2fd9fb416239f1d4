/** Reads what the agent prints. */

import { ToolProblem } from "../problem.ts";
import type { KernelAnswer } from "./kernel-answer.ts";
import { AGENT_VERSION, type AgentHello, type Missing, type Tried, type Unopened } from "./tried.ts";

export function readTried(output: string): KernelAnswer {
  const lines = output
    .split("\n")
    .filter((line) => line !== "")
    .map(parsed);
  const [first, ...rest] = lines;
  if (first === undefined || !("agent" in first))
    throw new ToolProblem("The agent that loads programs gave no answer.");
  const programs = rest.filter((one) => "program" in one);
  // Another machine's may be anybody's.
  if (!isHello(first) || !programs.every(isTried))
    throw new ToolProblem("What answers is not the agent that loads programs, or one of another version.");
  return {
    hello: first,
    programs,
    unopened: rest.find((one) => "error" in one && !("program" in one)) as unknown as Unopened | undefined,
    missing: rest.filter((one) => "missing" in one).map((one) => (one as Missing).missing),
  };
}

function isHello(one: object): one is AgentHello {
  const { agent, release } = one as Partial<AgentHello>;
  return agent === AGENT_VERSION && typeof release === "string";
}

function isTried(one: object): one is Tried {
  const { program, section, log, words, type, instructions, error, milliseconds, visits = [] } = one as Partial<Tried>;
  return (
    [program, section, log, words].every((text) => typeof text === "string") &&
    [type, instructions, error, milliseconds].every((number) => typeof number === "number") &&
    Array.isArray(visits)
  );
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
