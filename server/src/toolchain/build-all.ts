/** Builds many sources, two at a time; one that fails does not stop the others. */

import { type BuildOptions, type BuildResult, buildObject } from "./build.ts";
import type { Work } from "./choices.ts";
import { Cancelled, ToolProblem } from "./problem.ts";

export interface Outcome {
  readonly source: string;
  /** Undefined where it could not even be tried. */
  readonly result: BuildResult | undefined;
  readonly problem: ToolProblem | undefined;
}

/** A compiler takes a core and some hundred megabytes. */
const AT_ONCE = 2;

/** In the order of the sources, whatever the order in which they are done. */
export async function buildAll(
  sources: readonly string[],
  work: Work,
  optionsFor: (source: string) => BuildOptions,
  onDone: (outcome: Outcome, done: number) => void = () => undefined,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  let done = 0;
  // What one tells of its progress would be taken for what all do.
  const own: Work = { ...work, tell: () => undefined };
  const worker = async (): Promise<void> => {
    for (let at = next++; at < sources.length; at = next++) {
      if (work.signal.aborted) throw new Cancelled();
      const outcome = await attempt(sources[at] ?? "", own, optionsFor);
      outcomes[at] = outcome;
      onDone(outcome, ++done);
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
  const failed = ended.find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return outcomes;
}

async function attempt(source: string, work: Work, optionsFor: (source: string) => BuildOptions): Promise<Outcome> {
  try {
    return { source, result: await buildObject(source, work, optionsFor(source)), problem: undefined };
  } catch (error) {
    if (!(error instanceof ToolProblem)) throw error;
    return { source, result: undefined, problem: error };
  }
}

/** "3 built, 2 up to date, 1 failed": what came of many. */
export function summary(outcomes: readonly Outcome[]): string {
  const count = (is: (outcome: Outcome) => boolean): number => outcomes.filter(is).length;
  const parts = [
    [count(({ result }) => result?.ok === true && !result.fresh), "built"],
    [count(({ result }) => result?.fresh === true), "up to date"],
    [count(({ result }) => result?.ok !== true), "failed"],
  ] as const;
  const said = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return said.length === 0 ? "nothing to build" : said.join(", ");
}
