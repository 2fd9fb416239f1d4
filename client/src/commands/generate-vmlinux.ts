/** Command: make vmlinux.h from this machine's kernel or a file, whole or only what the sources use. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { addToIgnored, ignoreFileFor } from "../../../server/src/toolchain/gitignore.ts";
import { generateVmlinux as generate, type Vmlinux } from "../../../server/src/toolchain/vmlinux.ts";
import { chooseBtf } from "../choose-btf.ts";
import { mayReplace } from "../replace.ts";
import { withWork } from "../work.ts";
import { bpfSourcesIn, workspacePlace } from "../workspace-place.ts";
import type { Command } from "./command.ts";

export const generateVmlinux: Command = {
  id: "hookpoint.generateVmlinux",
  title: "Generate vmlinux.h",
  needs: "node",
  offered: "anywhere",
  run: async () => {
    const folder = await workspacePlace();
    if (folder === undefined) return;
    const btf = await chooseBtf("Whose types is vmlinux.h to have?");
    if (btf === undefined) return;
    const sources = await bpfSourcesIn(folder);
    const minimal = sources.length > 0 && (await chooseSize(sources));
    if (minimal === undefined) return;
    const wish = { btf: btf.file, sources, minimal, output: undefined, mayReplace };
    const made = await withWork("Generating vmlinux.h", folder, (work) => generate(wish, work));
    if (made !== undefined) await tell(made);
  },
};

async function chooseSize(sources: readonly string[]): Promise<boolean | undefined> {
  const many = sources.length === 1 ? basename(sources[0] ?? "") : `the ${sources.length} BPF sources`;
  const items = [
    { label: "All types", detail: "About 3 MB. Whatever you write next, its types are there.", minimal: false },
    {
      label: "Only what is used",
      detail: `What ${many} of this folder use. A few ten KB: fit for a repository, and quicker to compile.`,
      minimal: true,
    },
  ];
  return (await vscode.window.showQuickPick(items, { title: "Which types?" }))?.minimal;
}

async function tell({ path, bytes, from, failing }: Vmlinux): Promise<void> {
  const [first] = failing;
  if (first !== undefined) {
    const others = failing.length === 1 ? "" : ` (and ${failing.length - 1} more)`;
    vscode.window.showWarningMessage(
      `${basename(first.source)}${others} does not compile with the new vmlinux.h: ${first.error}`,
    );
    return;
  }
  const size = bytes < 1e6 ? `${Math.round(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const open = "Open";
  const ignore = "Add to .gitignore";
  const actions = (await ignoreFileFor(path)) === undefined ? [open] : [open, ignore];
  const chosen = await vscode.window.showInformationMessage(
    `vmlinux.h has the types of ${from} (${size}).`,
    ...actions,
  );
  if (chosen === open) await vscode.window.showTextDocument(vscode.Uri.file(path));
  if (chosen === ignore) await addToIgnored(path);
}
