/** Command: shows what a rule finds, why it matters and what to write instead. Findings link to it. */

import * as vscode from "vscode";
import { EXPLAIN_REQUEST, type ExplainParams, type Explanation } from "../../../server/src/protocol.ts";
import type { Command } from "./command.ts";

export const explainRule: Command = {
  id: "hookpoint.explainRule",
  title: "Explain Rule",
  needs: "nothing",
  offered: "bpf",
  run: async (context, { session, argument }) => {
    const { client } = await session();
    const ask = (params: ExplainParams) => client.sendRequest<readonly Explanation[]>(EXPLAIN_REQUEST, params);
    const chosen = typeof argument === "string" ? (await ask({ rule: argument }))[0] : await choose(await ask({}));
    if (chosen !== undefined) await show(chosen, context);
    else if (typeof argument === "string") vscode.window.showErrorMessage(`Hookpoint has no rule "${argument}".`);
  },
};

async function choose(rules: readonly Explanation[]): Promise<Explanation | undefined> {
  const items = rules.map((rule) => ({ label: rule.rule, detail: rule.summary, rule }));
  const options = { title: "Explain Rule", placeHolder: "Which rule?", matchOnDetail: true };
  return (await vscode.window.showQuickPick(items, options))?.rule;
}

const SCHEME = "hookpoint-rule";

/** Pages that were shown: the preview asks for its text whenever it likes. */
const pages = new Map<string, string>();

async function show({ rule, page }: Explanation, context: vscode.ExtensionContext): Promise<void> {
  if (pages.size === 0) {
    const provider = { provideTextDocumentContent: (uri: vscode.Uri) => pages.get(uri.path) };
    context.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider));
  }
  const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${rule}.md` });
  pages.set(uri.path, page);
  await vscode.commands.executeCommand("markdown.showPreviewToSide", uri);
}
