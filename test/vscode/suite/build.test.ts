// The build commands, problems, tasks and build on save with the real clang.
import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import * as vscode from "vscode";
import { closeAll, finding, open, until, workspaceFolder } from "./support.ts";

const GOOD =
  '#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n#include "own.h"\nSEC("xdp")\nint pass(struct xdp_md *ctx)\n{\n\tint action = XDP_PASS;\n\treturn action;\n}\n';
const BAD = GOOD.replace("return action;", "return actoin;");
const HEADER = "static inline int own(void) { return 0; }\n";

suite("build", () => {
  teardown(async () => {
    await closeAll();
    for (const name of ["own.h", "prog.bpf.c", "prog.bpf.o", "other.bpf.c", "other.bpf.o"])
      await Promise.resolve(vscode.workspace.fs.delete(file(name))).catch(() => undefined);
  });

  // elsewhere the headers of the kernel are missing
  if (process.platform !== "linux") return;

  suiteSetup(function () {
    // no clang: counted as skipped, which fails on CI
    if (!process.env["HOOKPOINT_TEST_CLANG"]) this.skip();
  });

  test("Build Object File makes the object file", async () => {
    await finding(await open("execwatch.bpf.c"), "deprecated-helper");
    assert.deepEqual(objectFiles(), []);
    await vscode.commands.executeCommand("hookpoint.buildObject");
    await until("an object file is there", () => objectFiles().includes("execwatch.bpf.o"));
  });

  test("a compile error is a problem on its line, with clang's edit as a fix, and goes when it is mended", async () => {
    await vscode.workspace.fs.writeFile(file("own.h"), Buffer.from(HEADER));
    const document = await open("prog.bpf.c", BAD);
    await replace(document, BAD);
    await vscode.commands.executeCommand("hookpoint.buildObject");
    const [problem] = await until("there is a problem", () => some(problemsOf(document.uri)));
    assert.ok(problem);
    assert.equal(document.getText(problem.range), "actoin");
    assert.equal(problem.severity, vscode.DiagnosticSeverity.Error);
    assert.ok(!objectFiles().includes("prog.bpf.o"));
    const above = new vscode.WorkspaceEdit();
    above.insert(document.uri, new vscode.Position(0, 0), "// a line more\n");
    await vscode.workspace.applyEdit(above);
    const [moved] = await until("it has moved", () =>
      some(problemsOf(document.uri).filter(({ range }) => range.start.line === 8)),
    );
    assert.ok(moved);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      document.uri,
      moved.range,
    );
    const fix = actions.find(({ title }) => title === 'Change "actoin" to "action"');
    assert.ok(fix?.edit, actions.map(({ title }) => title).join());
    await vscode.workspace.applyEdit(fix.edit);
    await until("the problem is gone with its line", () => problemsOf(document.uri).length === 0);
    assert.match(document.getText(), /return action;/);
    await vscode.commands.executeCommand("hookpoint.buildObject");
    await until("the object is there", () => objectFiles().includes("prog.bpf.o"));
    assert.deepEqual(problemsOf(document.uri), []);
  });

  test("a mistake in a header is a problem there", async () => {
    await vscode.workspace.fs.writeFile(file("own.h"), Buffer.from(HEADER.replace("0", "nothing")));
    await replace(await open("prog.bpf.c", GOOD), GOOD);
    await vscode.commands.executeCommand("hookpoint.buildObject");
    await until("there is a problem", () => some(problemsOf(file("own.h"))));
    await vscode.workspace.fs.writeFile(file("own.h"), Buffer.from(HEADER));
    await vscode.commands.executeCommand("hookpoint.buildObject");
    await until("it is gone", () => problemsOf(file("own.h")).length === 0);
  });

  test("what the language server finds itself is not told twice, and nothing is told of headers of the system", async () => {
    const large =
      "\tchar large[600];\n\tbpf_probe_read_kernel(large, sizeof(large), ctx);\n\tif (large[9])\n\t\treturn 0;\n";
    const text = GOOD.replace('#include "own.h"\n', "").replace("{\n", `{\n${large}`);
    const cases = [
      [text, "stack-too-large"],
      [text.replace(large, "").replace("#include", "#include <stdio.h>\n#include"), "libc-header"],
    ] as const;
    for (const [content, rule] of cases) {
      const document = await open("prog.bpf.c", content);
      await replace(document, content);
      await finding(document, rule);
      await vscode.commands.executeCommand("hookpoint.buildObject");
      assert.ok(!objectFiles().includes("prog.bpf.o"), rule);
      const all = vscode.languages.getDiagnostics().flatMap(([, diagnostics]) => diagnostics);
      assert.deepEqual(
        all.filter(({ source }) => source === "hookpoint build").map(({ message }) => message),
        [],
        rule,
      );
    }
    const document = await open("prog.bpf.c");
    await replace(document, GOOD.replace('#include "own.h"', "#include <linux/skbuff.h>"));
    await vscode.commands.executeCommand("hookpoint.buildObject");
    const [problem] = await until("there is a problem", () => some(problemsOf(document.uri)));
    assert.equal(problem?.range.start.line, 2);
  });

  test("Build All builds every source, and shows what is wrong with any", async () => {
    await vscode.workspace.fs.writeFile(file("own.h"), Buffer.from(HEADER));
    await vscode.workspace.fs.writeFile(file("prog.bpf.c"), Buffer.from(GOOD));
    await vscode.workspace.fs.writeFile(file("other.bpf.c"), Buffer.from(BAD));
    await vscode.commands.executeCommand("hookpoint.buildAll");
    await until("the good one is there", () => objectFiles().includes("prog.bpf.o"));
    await until("the other has a problem", () => some(problemsOf(file("other.bpf.c"))));
  });

  test("a build on save shows problems by itself, once it is asked for", async () => {
    await vscode.workspace.fs.writeFile(file("own.h"), Buffer.from(HEADER));
    const document = await open("prog.bpf.c", GOOD);
    const settings = vscode.workspace.getConfiguration("hookpoint", document.uri);
    await settings.update("build.onSave", true, vscode.ConfigurationTarget.Workspace);
    try {
      await replace(document, BAD);
      await document.save();
      await until("there is a problem", () => some(problemsOf(document.uri)));
      await replace(document, GOOD);
      await document.save();
      await until("the object is there", () => objectFiles().includes("prog.bpf.o"));
      assert.deepEqual(problemsOf(document.uri), []);
    } finally {
      await settings.update("build.onSave", undefined, vscode.ConfigurationTarget.Workspace);
    }
  });

  test("sources are tasks, which end with an exit code", async () => {
    await vscode.workspace.fs.writeFile(file("own.h"), Buffer.from(HEADER));
    await vscode.workspace.fs.writeFile(file("prog.bpf.c"), Buffer.from(GOOD));
    await vscode.workspace.fs.writeFile(file("other.bpf.c"), Buffer.from(BAD));
    const tasks = await vscode.tasks.fetchTasks({ type: "hookpoint" });
    const named = (name: string): vscode.Task => {
      const task = tasks.find((one) => one.name === name);
      assert.ok(task, tasks.map((one) => one.name).join());
      assert.equal(task.group?.id, vscode.TaskGroup.Build.id);
      return task;
    };
    assert.equal(await exitCode(named("build prog.bpf.c")), 0);
    assert.ok(statSync(file("prog.bpf.o").fsPath).size > 0);
    assert.equal(await exitCode(named("build other.bpf.c")), 1);
    assert.equal(problemsOf(file("other.bpf.c")).length, 1);
    assert.equal(await exitCode(named("build all")), 1);
  });

  test("Show Build Flags shows a page", async () => {
    await open("execwatch.bpf.c");
    await vscode.commands.executeCommand("hookpoint.showBuildFlags");
    await until("a preview is shown", () =>
      vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .some(({ label }) => label.includes("Flags of execwatch.bpf.c")),
    );
  });
});

function file(name: string): vscode.Uri {
  return vscode.Uri.joinPath(workspaceFolder(), name);
}

function problemsOf(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter(({ source }) => source === "hookpoint build");
}

function some<T>(list: T[]): T[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** An edit is refused while the file is being read anew. */
async function replace(document: vscode.TextDocument, text: string): Promise<void> {
  await until("the text is replaced", async () => {
    if (document.getText() === text) return true;
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
    await vscode.workspace.applyEdit(edit);
    return document.getText() === text || undefined;
  });
}

async function exitCode(task: vscode.Task): Promise<number | undefined> {
  const ended = new Promise<number | undefined>((resolve) => {
    const listener = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode: code }) => {
      if (execution.task.name !== task.name) return;
      listener.dispose();
      resolve(code);
    });
  });
  await vscode.tasks.executeTask(task);
  return ended;
}

function objectFiles(): string[] {
  return filesThat(/\.o$/);
}

function filesThat(end: RegExp): string[] {
  return readdirSync(workspaceFolder().fsPath, { recursive: true })
    .map(String)
    .filter((name) => end.test(name));
}
