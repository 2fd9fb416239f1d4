// The build command with the real clang.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import * as vscode from "vscode";
import { closeAll, finding, open, until, workspaceFolder } from "./support.ts";

suite("build", () => {
  teardown(closeAll);

  // elsewhere the headers of the kernel are missing
  if (process.platform !== "linux") return;

  test("Build Object File makes the object file", async function () {
    // no clang: counted as skipped, which fails on CI
    if (!process.env["HOOKPOINT_TEST_CLANG"]) this.skip();
    await finding(await open("execwatch.bpf.c"), "deprecated-helper");
    await vscode.commands.executeCommand("hookpoint.buildObject");
    const name = await until("an object file is there", () => objectFiles()[0]);
    assert.match(name, /execwatch/);
  });
});

function objectFiles(): string[] {
  const names = readdirSync(workspaceFolder().fsPath, { recursive: true }).map(String);
  return names.filter((name) => name.endsWith(".o"));
}
