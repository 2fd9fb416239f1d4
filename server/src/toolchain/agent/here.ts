/** The kernel of this machine. */

import { agentProgram } from "./agent.ts";
import type { AskableKernel } from "./kernel-answer.ts";
import { readTried } from "./read-tried.ts";
import type { RootWish } from "./root.ts";
import { runAgent } from "./root.ts";
import { verifyArguments } from "./verify-arguments.ts";

/** @param source the folder with the agent's C files */
export function thisMachine(source: string, root: RootWish): AskableKernel {
  return {
    name: "this machine",
    verify: async (object, wish, work) => {
      const agent = await agentProgram(source, work);
      return readTried(await runAgent(agent, verifyArguments(object, wish, wish.target?.object ?? ""), root, work));
    },
  };
}
