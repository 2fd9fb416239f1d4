/** Command: shows the instructions of the open file beside it. */

import { chosenObject, objectOfSource } from "../object-file.ts";
import { showListing } from "../views/disassembly.ts";
import type { Command } from "./command.ts";

export const showDisassembly: Command = {
  id: "hookpoint.showDisassembly",
  title: "Show Disassembly",
  needs: "node",
  offered: "bpf",
  run: async (context, { argument }) => {
    const object = chosenObject(argument) ?? (await objectOfSource());
    if (object !== undefined) await showListing(object, context);
  },
};
