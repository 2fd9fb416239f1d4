/** Doctor: what `hookpoint.json` says about builds, which goes before what the person has chosen. */

import { join } from "node:path";
import type { Work } from "../choices.ts";
import { projectBuild } from "../flags/project-file.ts";
import { ToolProblem } from "../problem.ts";
import type { Check } from "./report.ts";

/** The work as the project wants it, and what is wrong with the file, where something is. */
export async function asProjectWants(work: Work): Promise<{ readonly work: Work; readonly wrong: readonly Check[] }> {
  const { choices, root } = work;
  try {
    // It is looked for from a source upwards; one in the root stands for all.
    const { compiler, arch } = await projectBuild({ source: join(root, "any.bpf.c"), root });
    const wanted = { ...choices, compiler: compiler ?? choices.compiler, arch: arch ?? choices.arch };
    return { work: { ...work, choices: wanted }, wrong: [] };
  } catch (error) {
    if (!(error instanceof ToolProblem)) throw error;
    const about = {
      id: "hookpoint.json",
      area: "build",
      name: "hookpoint.json",
      purpose: "build as the project wants",
    } as const;
    return { work, wrong: [{ ...about, state: "unfit", says: error.message }] };
  }
}
