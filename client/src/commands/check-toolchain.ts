/** Command: shows what is there to build with, what is missing, and how to install it. */

import * as vscode from "vscode";
import { examine } from "../../../server/src/toolchain/doctor/doctor.ts";
import { isBad, type Report } from "../../../server/src/toolchain/doctor/report.ts";
import { reportText } from "../../../server/src/toolchain/doctor/text.ts";
import { offerCommand } from "../install.ts";
import { showPage } from "../report-page.ts";
import { refreshToolchainStatus } from "../toolchain-status.ts";
import { placeOfWork, withWork } from "../work.ts";
import type { Command } from "./command.ts";

export const checkToolchain: Command = {
  id: "hookpoint.checkToolchain",
  title: "Check Toolchain",
  needs: "node",
  offered: "anywhere",
  run: async (context) => {
    const asker = { hookpoint: String(context.extension.packageJSON.version), editor: `VS Code ${vscode.version}` };
    const report = await withWork("Checking the toolchain", placeOfWork(context), (work) => examine(work, asker));
    if (report === undefined) return;
    refreshToolchainStatus();
    const text = reportText(report);
    await showPage("Toolchain", text, context);
    tellOf(report, text);
  },
};

const OPEN_SETTINGS = "workbench.action.openSettings";

interface Action {
  readonly title: string;
  readonly run: () => unknown;
}

/** Does not wait for the person to close the message. */
function tellOf({ checks, ready, install }: Report, text: string): void {
  // What is mounted matters to whoever loads programs; the report says it.
  const lacking = checks.filter((check) => isBad(check) && check.area !== "load").map(({ name }) => name);
  const actions: readonly Action[] = [
    ...(install === undefined ? [] : [{ title: "Install…", run: () => offerCommand(install.command, install.advice) }]),
    ...(checks.some((check) => check.id === "vmlinux.h" && isBad(check))
      ? [{ title: "Generate vmlinux.h", run: () => vscode.commands.executeCommand("hookpoint.generateVmlinux") }]
      : []),
    ...(checks.some(({ state }) => state === "unfit")
      ? [{ title: "Open Settings", run: () => vscode.commands.executeCommand(OPEN_SETTINGS, "hookpoint.tools") }]
      : []),
    { title: "Copy Report", run: () => vscode.env.clipboard.writeText(text) },
  ];
  const what = ready ? "All that is needed to build is there." : "Something that is needed to build is missing.";
  const message = lacking.length === 0 ? what : `${what} To look at: ${lacking.join(", ")}.`;
  const show = ready ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
  show(message, ...actions.map(({ title }) => title)).then((chosen) =>
    actions.find(({ title }) => title === chosen)?.run(),
  );
}
