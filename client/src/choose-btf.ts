/** Asks whose types are meant: this machine's kernel's, or those in a file. */

import * as vscode from "vscode";

export interface ChosenBtf {
  /** Undefined for the running kernel. */
  readonly file: string | undefined;
}

/** Undefined where the person has left. */
export async function chooseBtf(title: string): Promise<ChosenBtf | undefined> {
  const items = [
    { label: "This machine's kernel", detail: "/sys/kernel/btf/vmlinux", own: true },
    {
      label: "A file…",
      detail: "A copy of another machine's /sys/kernel/btf/vmlinux, a vmlinux with debug information, or an object.",
      own: false,
    },
  ];
  const chosen = await vscode.window.showQuickPick(items, { title });
  if (chosen === undefined || chosen.own) return chosen && { file: undefined };
  const [file] = (await vscode.window.showOpenDialog({ title: "Types of a kernel", openLabel: "Use" })) ?? [];
  return file && { file: file.fsPath };
}
