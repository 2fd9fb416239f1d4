/** The kernel of this machine. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ToolProblem } from "../problem.ts";
import { step } from "../step.ts";
import { inTemporaryFolder } from "../temporary.ts";
import { agentProgram } from "./agent.ts";
import type { AskableKernel } from "./kernel-answer.ts";
import { readTried } from "./read-tried.ts";

/** @param source the folder with the agent's C files */
export function thisMachine(source: string): AskableKernel {
  return {
    name: "this machine",
    verify: async (object, { programs, visits }, work) => {
      const agent = await agentProgram(source, work);
      const chosen = programs.flatMap((name) => ["--program", name]);
      return inTemporaryFolder(async (folder) => {
        // Logs may be longer than what is kept of an output.
        const stdoutFile = join(folder, "answers");
        const args = ["verify", ...chosen, ...(visits ? ["--visits"] : []), object];
        const { code, stderr } = await step(agent, args, work, { cwd: folder, stdoutFile });
        if (code !== 0)
          throw new ToolProblem(`The agent that loads programs failed: ${stderr.trim() || `exit code ${code}`}.`);
        return readTried(await readFile(stdoutFile, "utf8"));
      });
    },
  };
}
