// What an object holds and its instructions, shown beside the source, with the real clang.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, open, until, workspaceFolder } from "./support.ts";

const SOURCE = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&packets, &key);

	if (value)
		__sync_fetch_and_add(value, 1);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
`;

suite("objects", () => {
  teardown(closeAll);

  // elsewhere the headers of the kernel are missing
  if (process.platform !== "linux") return;

  test("Show Disassembly shows the instructions beside the source, and again after the next build", async function () {
    // no clang: counted as skipped, which fails on CI
    if (!process.env["HOOKPOINT_TEST_CLANG"]) this.skip();
    const source = await open("listed.bpf.c", SOURCE);
    await vscode.commands.executeCommand("hookpoint.showDisassembly");
    const listing = await until("the instructions are shown", () => listingOf("listed"));
    assert.equal(vscode.window.activeTextEditor?.document, source, "the cursor stays in the source");
    assert.match(listing.getText(), /^; .*SEC\("xdp"\)\ncount:$/m);
    assert.match(listing.getText(), /call bpf_map_lookup_elem#1$/m);
    assert.match(listing.getText(), /= map\[packets\]$/m);
    assert.match(listing.getText(), /^; __sync_fetch_and_add\(value, 1\); @ listed\.bpf\.c:\d+\n.*lock \*\(u64 \*\)/m);

    const edit = new vscode.WorkspaceEdit();
    edit.replace(source.uri, rangeOf(source, "XDP_PASS"), "XDP_DROP");
    await vscode.workspace.applyEdit(edit);
    await vscode.commands.executeCommand("hookpoint.buildObject");
    await until("the listing follows", () => /return XDP_DROP;/.test(listing.getText()) || undefined);
    assert.equal(vscode.window.activeTextEditor?.document, source, "the cursor stays in the source");
  });

  test("a long listing shows the instructions of the line that the cursor is in, and the source those of the listing", async function () {
    if (!process.env["HOOKPOINT_TEST_CLANG"]) this.skip();
    const source = await open("long.bpf.c", long());
    await vscode.commands.executeCommand("hookpoint.showDisassembly");
    const listing = await until("the instructions are shown", () => listingOf("long"));
    const [left, right] = [source, listing].map((document) => editorOf(document));
    assert.ok(left && right, "both are visible");

    const last = rangeOf(source, "state = 199").start.line;
    left.selection = new vscode.Selection(last, 0, last, 0);
    const wanted = listing.positionAt(listing.getText().indexOf(`long.bpf.c:${last + 1}`)).line + 1;
    await until("the listing is where the source is", () => sees(right, wanted) || undefined);
    assert.equal(vscode.window.activeTextEditor, left, "the cursor stays in the source");

    await vscode.window.showTextDocument(listing, right.viewColumn);
    const there = await until("the listing has the cursor", () =>
      vscode.window.activeTextEditor?.document === listing ? vscode.window.activeTextEditor : undefined,
    );
    const first = rangeOf(source, "state = 0;").start.line;
    const back = listing.positionAt(listing.getText().indexOf(`long.bpf.c:${first + 1}`)).line + 1;
    there.selection = new vscode.Selection(back, 0, back, 0);
    await until("the source is where the listing is", () => sees(editorOf(source), first) || undefined);
    assert.equal(vscode.window.activeTextEditor?.document, listing, "the cursor stays in the listing");
  });

  test("Inspect Object says what the object of the open source holds", async function () {
    if (!process.env["HOOKPOINT_TEST_CLANG"]) this.skip();
    await open("inspected.bpf.c", SOURCE);
    await vscode.commands.executeCommand("hookpoint.inspectObject");
    const report = await until("the report is there", () => documentOf("hookpoint-object", "inspected.bpf.o"));
    assert.match(report, /^# inspected\.bpf\.o$/m);
    assert.match(report, /^\| `packets` \| ARRAY \| `__u32` \(4\) \| `__u64` \(8\) \| +1 \|$/m);
    assert.match(report, /^\| `count` +\| `xdp` +\| XDP/m);
  });

  test("a chosen file that is no object is said to be none", async () => {
    const uri = vscode.Uri.joinPath(workspaceFolder(), "broken $(x) 'ö'.o");
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode("\x7fELF\x02\x01 and no more"));
    await vscode.commands.executeCommand("hookpoint.inspectObject", uri);
    const report = await until("the reason is there", () => documentOf("hookpoint-object", "broken $(x) 'ö'.o"));
    assert.match(report, /cannot be shown\. The object is cut off: not even its header is whole\./);
    await vscode.workspace.fs.delete(uri);
  });
});

/** Two hundred lines with code of their own. */
function long(): string {
  const lines = Array.from({ length: 200 }, (_, i) => `\tstate = ${i};\n`);
  return `volatile int state;\n__attribute__((section("xdp"), used)) int f(void *ctx)\n{\n${lines.join("")}\treturn 2;\n}\nchar LICENSE[] __attribute__((section("license"), used)) = "GPL";\n`;
}

function listingOf(name: string): vscode.TextDocument | undefined {
  const documents = vscode.window.visibleTextEditors.map(({ document }) => document);
  return documents.find(
    ({ uri, languageId }) => languageId === "bpf-asm" && uri.path.endsWith(`/${name}.bpf.o.bpf-asm`),
  );
}

function editorOf(document: vscode.TextDocument): vscode.TextEditor | undefined {
  return vscode.window.visibleTextEditors.find((editor) => editor.document === document);
}

function sees(editor: vscode.TextEditor | undefined, line: number): boolean {
  return editor?.visibleRanges.some((range) => range.contains(new vscode.Position(line, 0))) === true;
}

async function documentOf(scheme: string, object: string): Promise<string | undefined> {
  const uri = vscode.Uri.joinPath(workspaceFolder(), `${object}.md`).with({ scheme });
  try {
    return (await vscode.workspace.openTextDocument(uri)).getText() || undefined;
  } catch {
    return undefined;
  }
}

function rangeOf(document: vscode.TextDocument, text: string): vscode.Range {
  const offset = document.getText().indexOf(text);
  assert.notEqual(offset, -1, `${text} is in the file`);
  return new vscode.Range(document.positionAt(offset), document.positionAt(offset + text.length));
}
