/** Command: the types that objects need for CO-RE, for kernels that show none. */

import { basename, dirname, join } from "node:path";
import * as vscode from "vscode";
import { generateMinBtf, type MinBtf } from "../../../server/src/toolchain/min-btf.ts";
import { chooseBtf } from "../choose-btf.ts";
import { mayReplace } from "../replace.ts";
import { withWork } from "../work.ts";
import { workspacePlace } from "../workspace-place.ts";
import type { Command } from "./command.ts";

export const generateMinimalBtf: Command = {
  id: "hookpoint.generateMinimalBtf",
  title: "Generate Minimal BTF",
  needs: "node",
  offered: "anywhere",
  run: async () => {
    const folder = await workspacePlace();
    if (folder === undefined) return;
    const objects = await chooseObjects(folder);
    if (objects === undefined) return;
    const btf = await chooseBtf("On which kernel are the programs to run?");
    if (btf === undefined) return;
    const suggested = vscode.Uri.file(join(dirname(objects[0] ?? folder.fsPath), "min_core.btf"));
    const output = await vscode.window.showSaveDialog({ defaultUri: suggested, title: "Minimal BTF" });
    if (output === undefined) return;
    const wish = { btf: btf.file, objects, output: output.fsPath, mayReplace };
    const made = await withWork("Generating minimal BTF", folder, (work) => generateMinBtf(wish, work));
    if (made !== undefined) tell(made);
  },
};

async function chooseObjects(folder: vscode.Uri): Promise<readonly string[] | undefined> {
  const found = await vscode.workspace.findFiles(new vscode.RelativePattern(folder, "**/*.bpf.o"));
  if (found.length === 0) {
    vscode.window.showErrorMessage(
      "There is no BPF object in this folder whose types could be looked for. Build one first.",
    );
    return undefined;
  }
  const items = found.map(({ fsPath }) => ({
    label: vscode.workspace.asRelativePath(fsPath, false),
    picked: found.length === 1,
    fsPath,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: "Which objects are to run there?",
    canPickMany: true,
  });
  return chosen === undefined || chosen.length === 0 ? undefined : chosen.map(({ fsPath }) => fsPath);
}

function tell({ path, missing }: MinBtf): void {
  const [first] = missing;
  if (first === undefined) {
    vscode.window.showInformationMessage(
      `${basename(path)} has the types that the objects need. Hand it to libbpf as btf_custom_path.`,
    );
    return;
  }
  const others = missing.length === 1 ? "" : ` and ${missing.length - 1} more`;
  vscode.window.showWarningMessage(
    `That kernel has no ${first.what}${others}: programs in ${first.program} fail there unless they ask first, with bpf_core_field_exists() or its like.`,
  );
}
