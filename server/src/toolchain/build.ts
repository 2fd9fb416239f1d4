/** Compiles a source to a BPF object. */

import { stat } from "node:fs/promises";
import type { Work } from "./choices.ts";
import { commandLine, type Plan, planBuild } from "./plan.ts";
import { ToolProblem } from "./problem.ts";
import { step } from "./step.ts";
import { intoPlace } from "./write.ts";

export interface BuildResult {
  readonly plan: Plan;
  readonly ok: boolean;
  /** What the compiler printed. */
  readonly output: string;
}

/** An object is there only when the build went well: a failed one leaves the last. */
export async function buildObject(source: string, work: Work): Promise<BuildResult> {
  if (!(await isFile(source))) throw new ToolProblem(`${source} cannot be built: there is no such file.`);
  const plan = await planBuild(source, work);
  let output = "";
  try {
    await intoPlace(plan.object, async (half) => {
      const { code, stderr, stdout } = await step(plan.program, commandLine(plan, half), work, { cwd: plan.cwd });
      output = stderr + stdout;
      if (code !== 0) throw new Failed();
    });
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    return { plan, ok: false, output };
  }
  return { plan, ok: true, output };
}

class Failed extends Error {}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
