/** Pages about answers: Markdown as VS Code renders it, in a panel of ours, since its own preview follows no link to a line. */

import * as vscode from "vscode";

/** What links to lines are: a command that this panel alone may call. */
const GO_TO = "hookpoint.verifier.goTo";

let panel: vscode.WebviewPanel | undefined;
let isRegistered = false;

/** The next page takes the place of the last. */
export async function showAnswerPage(
  name: string,
  text: string,
  { subscriptions }: vscode.ExtensionContext,
): Promise<void> {
  if (!isRegistered)
    subscriptions.push(vscode.commands.registerCommand(GO_TO, goTo), { dispose: () => panel?.dispose() });
  isRegistered = true;
  const html = await vscode.commands.executeCommand<string>("markdown.api.render", text);
  if (panel === undefined) {
    const where = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    panel = vscode.window.createWebviewPanel("hookpoint.answer", name, where, { enableCommandUris: [GO_TO] });
    panel.onDidDispose(() => {
      panel = undefined;
    });
  } else panel.reveal(undefined, true);
  panel.title = name;
  panel.webview.html = pageOf(html);
}

/** As Markdown, with the address of a command behind it. */
export function lineLink(uri: vscode.Uri, line: number): string {
  const words = `${uri.path.split("/").at(-1)}:${line + 1}`.replace(/[\\[\]`*_<&]/g, "\\$&");
  // A link may not have brackets of its own.
  const argument = encodeURIComponent(JSON.stringify([uri.toString(), line])).replace(/[()']/g, encoded);
  return `[${words}](command:${GO_TO}?${argument})`;
}

function encoded(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16)}`;
}

async function goTo(address: unknown, line: unknown): Promise<void> {
  if (typeof address !== "string" || typeof line !== "number") return;
  const uri = vscode.Uri.parse(address);
  const shown = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
  const selection = new vscode.Range(line, 0, line, 0);
  const viewColumn = shown?.viewColumn ?? vscode.ViewColumn.One;
  await vscode.window.showTextDocument(uri, { selection, viewColumn });
}

/** No script, and nothing from elsewhere: a log may hold anything. */
function pageOf(body: string): string {
  return `<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline';">
<style>${STYLE}</style>
</head>
<body>${body}</body>
</html>`;
}

const STYLE = `
body { max-width: 54em; padding: 0 2em 2em; line-height: 1.55; font-size: var(--vscode-font-size); }
h1 { font-size: 1.7em; font-weight: 600; padding-bottom: .3em; border-bottom: 1px solid var(--vscode-widget-border, #8884); }
h2 { font-size: 1.3em; font-weight: 600; margin-top: 1.6em; }
h3 { font-size: 1.1em; font-weight: 600; margin-top: 1.4em; }
code { font-family: var(--vscode-editor-font-family); font-size: .95em; color: var(--vscode-textPreformat-foreground); }
pre { background: var(--vscode-textCodeBlock-background); padding: .7em 1em; border-radius: 4px; overflow-x: auto; }
pre code { color: var(--vscode-editor-foreground); background: none; }
a { color: var(--vscode-textLink-foreground); text-decoration: none; }
a:hover { text-decoration: underline; }
table { border-collapse: collapse; }
td a { overflow-wrap: anywhere; }
th, td { padding: .3em .7em .3em 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--vscode-widget-border, #8884); }
li { margin: .25em 0; }`;
