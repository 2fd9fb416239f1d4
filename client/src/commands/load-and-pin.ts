/** Command: loads the object of the open file to stay as long as the window does, and pins its programs and maps. */

import * as vscode from "vscode";
import { loadInEditor } from "../loading/load.ts";
import { chosenOrActive } from "../object-file.ts";
import type { Command } from "./command.ts";

export const loadAndPin: Command = {
  id: "hookpoint.loadAndPin",
  title: "Load and Pin",
  needs: "node",
  offered: "bpf",
  run: async (context, { argument, session }) => {
    const file = await chosenOrActive(argument);
    if (file === undefined) return;
    const loaded = await loadInEditor(file, true, { context, session });
    if (loaded === undefined) return;
    const { name, programs } = loaded.held.holding;
    const count = programs.length === 1 ? "1 program" : `${programs.length} programs`;
    const isPinned = programs.some(({ pinned }) => pinned !== "");
    const where = isPinned
      ? `pinned below /sys/fs/bpf/hookpoint/${name}`
      : "but nothing is pinned, since no bpffs is mounted at /sys/fs/bpf";
    vscode.window
      .showInformationMessage(`Loaded ${count} of ${name}, ${where}, until this window closes.`, ATTACH, UNLOAD)
      .then((choice) => {
        if (choice === ATTACH) vscode.commands.executeCommand("hookpoint.attachProgram", file);
        if (choice === UNLOAD) vscode.commands.executeCommand("hookpoint.unload", name);
      });
  },
};

const ATTACH = "Attach…";
const UNLOAD = "Unload";
