// The skeleton command with the real clang and bpftool.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import * as vscode from "vscode";
import { closeAll, finding, open, until, workspaceFolder } from "./support.ts";

suite("skeleton", () => {
  teardown(closeAll);

  // elsewhere the headers of the kernel are missing
  if (process.platform !== "linux") return;

  test("Build and Generate Skeleton makes the header that a loader includes", async function () {
    // no clang: counted as skipped, which fails on CI
    if (!process.env["HOOKPOINT_TEST_CLANG"]) this.skip();
    await finding(await open("execwatch.bpf.c"), "deprecated-helper");
    await vscode.commands.executeCommand("hookpoint.generateSkeleton");
    const name = await until("a skeleton is there", () =>
      readdirSync(workspaceFolder().fsPath, { recursive: true })
        .map(String)
        .find((one) => one.endsWith(".skel.h")),
    );
    assert.match(name, /execwatch\.skel\.h$/);
  });
});
