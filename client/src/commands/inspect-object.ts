/** Command: shows what an object file holds: that of the open source, or one that is chosen. */

import * as vscode from "vscode";
import { inspectObject as inspect } from "../../../server/src/toolchain/object.ts";
import { isBpfDocument } from "../bpf-documents.ts";
import { chosenObject, objectOfSource } from "../object-file.ts";
import { type ObjectDocuments, objectDocuments } from "../views/object-documents.ts";
import type { Command } from "./command.ts";

export const inspectObject: Command = {
  id: "hookpoint.inspectObject",
  title: "Inspect Object",
  needs: "node",
  offered: "anywhere",
  run: async (context, { argument }) => {
    const object = chosenObject(argument) ?? (isSourceActive() ? await objectOfSource() : await ask());
    if (object === undefined) return;
    documents ??= objectDocuments(
      context,
      "hookpoint-object",
      ".md",
      async (path, facts) => (await inspect(path, facts)).report,
    );
    await vscode.commands.executeCommand("markdown.showPreviewToSide", documents.uriFor(object));
  },
};

let documents: ObjectDocuments | undefined;

function isSourceActive(): boolean {
  const document = vscode.window.activeTextEditor?.document;
  return document !== undefined && isBpfDocument(document);
}

async function ask(): Promise<vscode.Uri | undefined> {
  const options = {
    title: "Inspect Object",
    openLabel: "Inspect",
    filters: { "Object files": ["o"], "All files": ["*"] },
  };
  return (await vscode.window.showOpenDialog(options))?.[0];
}
