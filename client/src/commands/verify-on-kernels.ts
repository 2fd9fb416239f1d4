/** Command: has several kernels verify the open file or an object, others than this machine's in guests. */

import { chooseKernels } from "../kernel/choose-kernels.ts";
import { verifyOnKernels as verify } from "../kernel/verify-on.ts";
import { chosenOrActive } from "../object-file.ts";
import type { Command } from "./command.ts";

export const verifyOnKernels: Command = {
  id: "hookpoint.verifyOnKernels",
  title: "Verify on Kernels…",
  needs: "node",
  offered: "bpf",
  run: async (context, { argument, session }) => {
    const file = await chosenOrActive(argument);
    if (file === undefined) return;
    const chosen = await chooseKernels(file, context);
    if (chosen !== undefined) await verify(file, chosen, context, session);
  },
};
