// A language server that dies is started again and knows what the user has typed.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, finding, findings, open, positionOf, status, until } from "./support.ts";

const program = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("kprobe/do_unlinkat")
int trace(void *ctx)
{
	char name[16];

	bpf_probe_read(name, sizeof(name), ctx);
	return 0;
}
`;

suite("recovery", () => {
  teardown(closeAll);

  test("killing the server during editing brings it back with its findings", async () => {
    const document = await open("killed.bpf.c", program);
    await finding(document, "deprecated-helper");
    const { pid } = await status();

    await insert(document, "/* typed before */\n");
    process.kill(pid, "SIGKILL");
    // what is sent while the connection breaks down must not end the client
    for (let i = 0; i < 300; i++) {
      status().catch(() => {});
      await new Promise((resolve) => setImmediate(resolve));
    }
    await insert(document, "/* typed after */\n");

    const now = await until("another server answers", () => status().then(differsFrom(pid), () => undefined));
    assert.notEqual(now.pid, pid);
    const line = positionOf(document, "bpf_probe_read(").line;
    await until("the finding is where the text is now", () =>
      findings(document).find(({ range }) => document.getText(range) === "bpf_probe_read" && range.start.line === line),
    );
  });
});

function differsFrom(pid: number) {
  return <T extends { readonly pid: number }>(status: T): T | undefined => (status.pid === pid ? undefined : status);
}

async function insert(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, new vscode.Position(0, 0), text);
  assert.ok(await vscode.workspace.applyEdit(edit));
}
