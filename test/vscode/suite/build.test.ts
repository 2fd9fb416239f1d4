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

  test("Build and Generate Skeleton makes the header that a loader includes", async function () {
    if (!process.env["HOOKPOINT_TEST_CLANG"]) this.skip();
    await finding(await open("execwatch.bpf.c"), "deprecated-helper");
    await vscode.commands.executeCommand("hookpoint.generateSkeleton");
    const name = await until("a skeleton is there", () => filesThat(/\.skel\.h$/)[0]);
    assert.match(name, /execwatch\.skel\.h$/);
  });
});

function objectFiles(): string[] {
  return filesThat(/\.o$/);
}

function filesThat(end: RegExp): string[] {
  return readdirSync(workspaceFolder().fsPath, { recursive: true })
    .map(String)
    .filter((name) => end.test(name));
}
