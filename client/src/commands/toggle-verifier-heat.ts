/** Command: shows or hides how often the verifier came by each line. */

import { toggleHeat } from "../kernel/heat.ts";
import type { Command } from "./command.ts";

export const toggleVerifierHeat: Command = {
  id: "hookpoint.toggleVerifierHeat",
  title: "Toggle Verifier Heat",
  needs: "node",
  offered: "bpf",
  run: () => toggleHeat(),
};
