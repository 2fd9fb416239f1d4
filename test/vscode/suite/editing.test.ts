// What a user sees while editing: hover, quick fix, outline.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, finding, findings, hoverText, open, positionOf, until, workspaceFolder } from "./support.ts";

suite("editing", () => {
  teardown(closeAll);

  test("hover on a helper shows signature, version and note", async () => {
    const document = await open("execwatch.bpf.c");
    await finding(document, "deprecated-helper");
    const text = await hoverText(document, positionOf(document, "bpf_map_lookup_elem"));
    assert.match(text, /void \*\s*bpf_map_lookup_elem\(/);
    assert.match(text, /since|Linux \d|kernel \d/i);
    assert.match(text, /NULL/);
  });

  test("the preferred quick fix replaces bpf_probe_read and the finding goes", async () => {
    const document = await open("to-fix.bpf.c", await textOf("execwatch.bpf.c"));
    const { range } = await finding(document, "deprecated-helper");
    assert.equal(document.getText(range), "bpf_probe_read");
    await applyPreferredFix(document, range);
    assert.doesNotMatch(document.getText(), /\bbpf_probe_read\(/);
    assert.match(document.getText(), /\bbpf_probe_read_(kernel|user)\(/);
    await until("the finding is gone", () => findings(document).length === 0 || undefined);
  });

  test("the outline holds the program and the map", async () => {
    const document = await open("execwatch.bpf.c");
    const map = /\}\s*(\w+)\s+SEC\("\.maps"\)/.exec(document.getText())?.[1];
    const program = /SEC\("(?!license|\.maps)[^"]+"\)\s*int\s+(?:BPF_\w+\()?(\w+)/.exec(document.getText())?.[1];
    assert.ok(map && program);
    const names = await until("the outline is there", async () => {
      const found = (await outline(document)).map(({ name }) => name);
      return found.length > 0 ? found : undefined;
    });
    assert.ok(names.includes(map), `${map} in ${names}`);
    assert.ok(names.includes(program), `${program} in ${names}`);
  });
});

async function applyPreferredFix(document: vscode.TextDocument, range: vscode.Range): Promise<void> {
  const command = "vscode.executeCodeActionProvider";
  const kind = vscode.CodeActionKind.QuickFix.value;
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(command, document.uri, range, kind, 10);
  const preferred = actions.find(({ isPreferred }) => isPreferred);
  assert.ok(preferred?.edit, `one of these is preferred and has an edit: ${actions.map(({ title }) => title)}`);
  assert.ok(await vscode.workspace.applyEdit(preferred.edit));
}

async function outline(document: vscode.TextDocument): Promise<vscode.DocumentSymbol[]> {
  const command = "vscode.executeDocumentSymbolProvider";
  const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>(command, document.uri);
  const flatten = (all: vscode.DocumentSymbol[]): vscode.DocumentSymbol[] =>
    all.flatMap((symbol) => [symbol, ...flatten(symbol.children)]);
  return flatten(symbols ?? []);
}

async function textOf(name: string): Promise<string> {
  const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(workspaceFolder(), name));
  return new TextDecoder().decode(bytes);
}
