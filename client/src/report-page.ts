/** Pages that Hookpoint writes for reading, such as a report: shown as Markdown, kept in no file. */

import * as vscode from "vscode";

const SCHEME = "hookpoint-report";

/** The preview asks for its text whenever it likes. */
const pages = new Map<string, string>();
const changed = new vscode.EventEmitter<vscode.Uri>();

/** @param name the title of its tab, without the ending */
export async function showPage(
  name: string,
  text: string,
  context: vscode.ExtensionContext,
  where: "here" | "beside" = "here",
): Promise<void> {
  if (pages.size === 0) {
    const provideTextDocumentContent = (uri: vscode.Uri) => pages.get(uri.path);
    const provider = { onDidChange: changed.event, provideTextDocumentContent };
    context.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider));
  }
  const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}.md` });
  pages.set(uri.path, text);
  changed.fire(uri);
  await vscode.commands.executeCommand(where === "here" ? "markdown.showPreview" : "markdown.showPreviewToSide", uri);
}
