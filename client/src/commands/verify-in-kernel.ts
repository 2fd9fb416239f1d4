/** Command: has the kernel verify the programs of the open file, one alone, or an object; nothing is attached or kept. */

import * as vscode from "vscode";
import type { OneProgram } from "../kernel/lens.ts";
import { verifyInEditor, type Wanted } from "../kernel/verify.ts";
import { chosenOrActive } from "../object-file.ts";
import type { Command } from "./command.ts";

export const verifyInKernel: Command = {
  id: "hookpoint.verifyInKernel",
  title: "Verify in Kernel",
  needs: "node",
  offered: "bpf",
  run: async (context, { argument, session }) => {
    const wanted = await wantedOf(argument);
    if (wanted !== undefined) await verifyInEditor(wanted, context, session);
  },
};

async function wantedOf(argument: unknown): Promise<Wanted | undefined> {
  if (isOneProgram(argument)) return { file: vscode.Uri.parse(argument.source), program: argument.program };
  const file = await chosenOrActive(argument);
  return file && { file };
}

function isOneProgram(argument: unknown): argument is OneProgram {
  return typeof argument === "object" && argument !== null && "source" in argument && "program" in argument;
}
