/**
 * Stands in for clangd's own extension, which only a marketplace has: it starts clangd for C as that does, has its identity,
 * and tells other extensions about its client in the same way.
 */

import type { ExtensionContext } from "vscode";
import { type CompletionItem, CompletionList, Range, workspace } from "vscode";
import { LanguageClient } from "vscode-languageclient/node";

export function activate(context: ExtensionContext) {
  const command = workspace.getConfiguration("clangd").get<string>("path") ?? "";
  const client = new LanguageClient(
    "clangd",
    "Clang Language Server",
    { command, args: ["--log=error"] },
    {
      documentSelector: [
        { scheme: "file", language: "c" },
        { scheme: "file", language: "cpp" },
      ],
      middleware: {
        // So that the editor keeps clangd's order: what was typed goes before each name, and each key asks anew.
        provideCompletionItem: async (document, position, completing, token, next) => {
          const list = await next(document, position, completing, token);
          const items: CompletionItem[] = list instanceof CompletionList ? list.items : (list ?? []);
          for (const item of items) {
            const { range } = item;
            const start = range instanceof Range ? range.start : range?.inserting.start;
            const typed = start && document.getText(new Range(start, position));
            if (typed) item.filterText = `${typed}_${item.filterText}`;
          }
          return new CompletionList(items, true);
        },
      },
    },
  );
  context.subscriptions.push({ dispose: () => void client.stop() });
  client.start();
  return { getApi: () => ({ languageClient: client }) };
}
