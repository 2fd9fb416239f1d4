/** Command: compile the open file to a BPF object. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { buildObject as build } from "../../../server/src/toolchain/build.ts";
import { activeSource } from "../active-source.ts";
import { outputChannel, withWork } from "../work.ts";
import type { Command } from "./command.ts";

export const buildObject: Command = {
  id: "hookpoint.buildObject",
  title: "Build Object File",
  needs: "node",
  offered: "bpf",
  run: async () => {
    const source = await activeSource();
    if (source === undefined) return;
    const result = await withWork(`Building ${basename(source.fsPath)}`, source, (work) => build(source.fsPath, work));
    if (result === undefined) return;
    const show = (choice: string | undefined): void => {
      if (choice !== undefined) outputChannel().show(true);
    };
    const { ok, output, plan } = result;
    if (ok) {
      const warned = /\bwarning:/.test(output) ? " (with warnings)" : "";
      vscode.window.showInformationMessage(`Built ${basename(plan.object)}${warned}`, "Show Output").then(show);
      return;
    }
    const first = /^.*\b(?:fatal error|error): (.*)$/m.exec(output)?.[1];
    vscode.window.showErrorMessage(`Build failed${first === undefined ? "." : `: ${first}`}`, "Show Output").then(show);
  },
};
