/** Compiles a source to a BPF object. */

import type { BuildDiagnostic } from "./build-diagnostic.ts";
import type { Work } from "./choices.ts";
import { printingFlags, readOutput } from "./compiler-output.ts";
import { COMPILER_ENVIRONMENT, inputsOf, keep, keptOutput } from "./fresh.ts";
import { commandLine, type Plan, planBuild } from "./plan.ts";
import { ToolProblem } from "./problem.ts";
import { step } from "./step.ts";
import { isFile } from "./workspace-files.ts";
import { intoPlace } from "./write.ts";

export interface BuildResult {
  readonly plan: Plan;
  readonly ok: boolean;
  /** What the compiler printed, as people read it. */
  readonly output: string;
  readonly diagnostics: readonly BuildDiagnostic[];
  /** The object was there already, made of the very same. */
  readonly fresh: boolean;
}

export interface BuildOptions {
  /** Builds even what is fresh. */
  readonly force?: boolean;
  /** Where the object goes; beside the source otherwise. */
  readonly object?: string;
}

/** An object is there only when the build went well: a failed one leaves the last. */
export async function buildObject(source: string, work: Work, options: BuildOptions = {}): Promise<BuildResult> {
  if (!(await isFile(source))) throw new ToolProblem(`${source} cannot be built: there is no such file.`);
  const planned = await planBuild(source, work);
  const plan = options.object === undefined ? planned : { ...planned, object: options.object };
  for (const note of plan.notes) work.log(`${note}\n`);
  const inputs = await inputsOf(plan, work);
  const kept = inputs === undefined || options.force === true ? undefined : await keptOutput(plan.object, inputs);
  if (kept !== undefined) return { ...read(kept, plan), plan, ok: true, fresh: true };
  const { ok, printed } = await compile(plan, work);
  if (ok && inputs !== undefined) await keep(plan.object, inputs, printed);
  const result = read(printed, plan);
  work.log(result.output);
  return { ...result, plan, ok, fresh: false };
}

async function compile(plan: Plan, work: Work): Promise<{ readonly ok: boolean; readonly printed: string }> {
  let printed = "";
  const args = (half: string): readonly string[] => [...printingFlags(plan.compiler), ...commandLine(plan, half)];
  // What is printed is for us; people get it without what is not for them.
  const log = (text: string): void => (text.startsWith("> ") ? work.log(text) : undefined);
  try {
    await intoPlace(plan.object, async (half) => {
      const options = { cwd: plan.cwd, env: COMPILER_ENVIRONMENT };
      const { code, stderr, stdout } = await step(plan.program, args(half), { log, signal: work.signal }, options);
      printed = stderr + stdout;
      if (code !== 0) throw new Failed();
    });
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    return { ok: false, printed };
  }
  return { ok: true, printed };
}

function read(printed: string, { source, cwd }: Plan): Pick<BuildResult, "output" | "diagnostics"> {
  const output = printed.replace(/^fix-it:.*\n?/gm, "").replace(/^(.+?:\d+:\d+:) ?(?:\{\d+:\d+-\d+:\d+\})+:/gm, "$1");
  return { output, diagnostics: readOutput(printed, { source, cwd }) };
}

class Failed extends Error {}
