/** Command: have clangd read the BPF sources of the folder. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { setUpClangd as setUp } from "../../../server/src/toolchain/clangd-setup/set-up.ts";
import { withWork } from "../work.ts";
import { bpfSourcesIn, workspacePlace } from "../workspace-place.ts";
import type { Command } from "./command.ts";

export const setUpClangd: Command = {
  id: "hookpoint.setUpClangd",
  title: "Set Up clangd",
  needs: "node",
  offered: "anywhere",
  run: async () => {
    const folder = await workspacePlace();
    if (folder === undefined) return;
    const sources = await bpfSourcesIn(folder);
    const made = await withWork("Setting up clangd", folder, (work) => setUp(sources, work));
    if (made === undefined) return;
    const [first] = made.failing;
    const open = "Open .clangd";
    const chosen = await (first === undefined
      ? vscode.window.showInformationMessage(
          made.version === undefined
            ? "clangd is set up for BPF sources. It was not found here, so this was not tried."
            : `clangd is set up for BPF sources: ${made.version} finds no error in them. Restart it if it runs.`,
          open,
        )
      : vscode.window.showWarningMessage(
          `clangd is set up, but still finds an error in ${basename(first.source)}: ${first.errors[0]}`,
          open,
        ));
    if (chosen === open) await vscode.window.showTextDocument(vscode.Uri.file(made.path));
  },
};
