/** What the server says it can do: all that the answer to the first request needs, so that it need not wait for the rest. */

import { CodeActionKind, type InitializeResult, TextDocumentSyncKind } from "vscode-languageserver";
import { FIX_ALL, LEGEND } from "./features/agreed.ts";

export function initializeResult(version: string): InitializeResult {
  return {
    serverInfo: { name: "hookpoint", version },
    capabilities: {
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
      hoverProvider: true,
      completionProvider: {
        resolveProvider: true,
        triggerCharacters: ['"', "<", "/", ".", ">", "(", ",", "&", "_"],
      },
      signatureHelpProvider: { triggerCharacters: ["(", ","], retriggerCharacters: [")"] },
      semanticTokensProvider: { legend: LEGEND, full: true, range: true },
      documentSymbolProvider: true,
      codeLensProvider: { resolveProvider: true },
      inlayHintProvider: true,
      workspaceSymbolProvider: true,
      definitionProvider: true,
      declarationProvider: true,
      typeDefinitionProvider: true,
      referencesProvider: true,
      documentHighlightProvider: true,
      renameProvider: { prepareProvider: true },
      callHierarchyProvider: true,
      documentLinkProvider: {},
      foldingRangeProvider: true,
      workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, FIX_ALL] },
    },
  };
}
