/** One tool run as a step of some work: logged, cancellable, its failure put into words by whoever knows them. */

import type { Work } from "./choices.ts";
import { Cancelled, ToolProblem } from "./problem.ts";
import { type RunOptions, type RunResult, run } from "./run.ts";

/** Throws when the program cannot be started or the person cancels; an exit code is the caller's to judge. */
export async function step(
  program: string,
  args: readonly string[],
  { log, signal }: Pick<Work, "log" | "signal">,
  options: Omit<RunOptions, "onOutput" | "signal">,
): Promise<RunResult> {
  if (signal.aborted) throw new Cancelled();
  log(`> ${[program, ...args].map(quoted).join(" ")}\n`);
  let result: RunResult;
  try {
    result = await run(program, args, { ...options, onOutput: log, signal });
  } catch (error) {
    throw new ToolProblem(
      `${program} could not be started: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  if (result.cancelled) throw new Cancelled();
  return result;
}

/** For reading and pasting only: nothing here ever goes through a shell. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
