// Check Toolchain: a report that can be read, and what is said about it.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, finding, open, until } from "./support.ts";

suite("toolchain", () => {
  teardown(closeAll);

  // elsewhere there is no bpftool
  if (process.platform !== "linux") return;

  test("Check Toolchain opens a report on the tools of this machine", async () => {
    await finding(await open("execwatch.bpf.c"), "deprecated-helper");
    await vscode.commands.executeCommand("hookpoint.checkToolchain");
    const tab = await until("the report is shown", () =>
      vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).find(({ label }) => label.includes("Toolchain")),
    );
    assert.ok(tab.input instanceof vscode.TabInputWebview);
    const uri = vscode.Uri.from({ scheme: "hookpoint-report", path: "/Toolchain.md" });
    const text = (await vscode.workspace.openTextDocument(uri)).getText();
    assert.match(text, /^# Toolchain for eBPF\n\nHookpoint \d+\.\d+\.\d+ in VS Code \d/);
    assert.match(text, /clang/);
    assert.match(text, /## To build objects/);
  });

  test("Check Toolchain works again, without a file", async () => {
    await vscode.commands.executeCommand("hookpoint.checkToolchain");
    await until("the report is shown", () =>
      vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).find(({ label }) => label.includes("Toolchain")),
    );
  });
});
