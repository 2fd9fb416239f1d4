// When the extension wakes up, and for which files: by name and by content, and never for plain C.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, extension, finding, findings, open, status } from "./support.ts";

const bpfInPlainC = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("kprobe/do_unlinkat")
int trace(void *ctx)
{
	char name[16];

	bpf_probe_read(name, sizeof(name), ctx);
	return 0;
}
`;

suite("activation", () => {
  teardown(closeAll);

  test("a plain C file starts no server", async () => {
    await open("plain.c", "int main(void) { return 0; }\n");
    const { session } = await extension().activate();
    assert.equal(session, undefined);
  });

  test("a file named *.bpf.c starts the server", async () => {
    const document = await open("execwatch.bpf.c");
    await finding(document, "deprecated-helper");
    assert.ok((await status()).documents >= 1);
  });

  test("a .c file that includes bpf_helpers.h gets findings", async () => {
    const document = await open("plainly-named.c", bpfInPlainC);
    await finding(document, "deprecated-helper");
  });

  test("a plain C file is never sent to the server", async () => {
    await finding(await open("before.bpf.c", bpfInPlainC), "deprecated-helper");
    const { documents } = await status();
    const plain = await open("plain.c", "int bpf_probe_read(void);\nint main(void) { return bpf_probe_read(); }\n");
    // when the server has answered for a file opened later, it would have heard of the plain one
    await finding(await open("after.bpf.c", bpfInPlainC), "deprecated-helper");
    assert.equal((await status()).documents, documents + 1);
    assert.deepEqual(findings(plain), []);
  });

  test("a plain C file becomes BPF by typing", async () => {
    const document = await open("becoming.c", bpfInPlainC.replaceAll(/#include.*|SEC.*/g, ""));
    assert.deepEqual(findings(document), []);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), "#include <bpf/bpf_helpers.h>\n");
    assert.ok(await vscode.workspace.applyEdit(edit));
    await finding(document, "deprecated-helper");
  });

  test("a program of user space is one from the moment on at which it says what it loads", async () => {
    const source = await open(
      "seen.bpf.c",
      `${bpfInPlainC}struct { __uint(type, BPF_MAP_TYPE_HASH); } seen SEC(".maps");\n`,
    );
    await finding(source, "deprecated-helper");
    const loader = await open("loads-seen.c", "int f(struct seen_bpf *s) { return fd(s->maps.seen); }\n");
    const edit = new vscode.WorkspaceEdit();
    edit.insert(loader.uri, new vscode.Position(0, 0), '#include "seen.skel.h"\n');
    assert.ok(await vscode.workspace.applyEdit(edit));
    const found = await vscode.commands.executeCommand<readonly (vscode.Location | vscode.LocationLink)[]>(
      "vscode.executeDefinitionProvider",
      loader.uri,
      loader.positionAt(loader.getText().lastIndexOf("seen")),
    );
    const uris = found.map((place) => ("uri" in place ? place.uri : place.targetUri).toString());
    assert.deepEqual(uris, [source.uri.toString()]);
  });
});
