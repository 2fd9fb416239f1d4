/** Command: what each release and each distribution's kernel brought to BPF. All of it is searched by name. */

import * as vscode from "vscode";
import {
  KERNEL_PAGE_REQUEST,
  KERNELS_REQUEST,
  type KernelEntry,
  type KernelPageParams,
} from "../../../server/src/protocol.ts";
import { showPage } from "../report-page.ts";
import type { Command } from "./command.ts";

export const whatIsInThisKernel: Command = {
  id: "hookpoint.whatIsInThisKernel",
  title: "What Is in This Kernel",
  needs: "nothing",
  offered: "anywhere",
  run: async (context, { session }) => {
    const { client } = await session();
    const chosen = await choose(await client.sendRequest<readonly KernelEntry[]>(KERNELS_REQUEST));
    if (chosen === undefined) return;
    const params: KernelPageParams = { name: chosen.kernel };
    const page = await client.sendRequest<string | null>(KERNEL_PAGE_REQUEST, params);
    if (page !== null) await showPage(`Kernel ${chosen.kernel}`, page, context);
  },
};

const TITLES: Readonly<Record<KernelEntry["kind"], string>> = {
  release: "Releases",
  distribution: "Distributions",
  feature: "What came with a release",
};

interface Item extends vscode.QuickPickItem {
  readonly entry?: KernelEntry;
}

async function choose(entries: readonly KernelEntry[]): Promise<KernelEntry | undefined> {
  const items = (["release", "distribution", "feature"] as const).flatMap((kind): readonly Item[] => [
    { label: TITLES[kind], kind: vscode.QuickPickItemKind.Separator },
    ...entries
      .filter((entry) => entry.kind === kind)
      .map((entry) => ({ label: entry.name, description: entry.description, entry })),
  ]);
  const chosen = await vscode.window.showQuickPick(items, {
    title: "What Is in This Kernel",
    placeHolder: "A kernel, or what you look for: 5.15, rhel-8.6, bpf_loop",
    matchOnDescription: true,
  });
  return chosen?.entry;
}
