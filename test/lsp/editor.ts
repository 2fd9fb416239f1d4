/** How VS Code puts together what several language servers answer about one place. */

import type { CompletionItem, CompletionList, Hover } from "vscode-languageserver/node";
import type { Position } from "../../server/src/analysis/text.ts";
import type { Server } from "./server.ts";

/** All hovers are shown, one under another. */
export async function hovers(servers: readonly Server[], uri: string, position: Position): Promise<readonly string[]> {
  const found = await Promise.all(
    servers.map(({ connection }) =>
      connection.sendRequest<Hover | null>("textDocument/hover", { textDocument: { uri }, position }),
    ),
  );
  return found.map((hover) => (hover === null ? "" : (hover.contents as { readonly value: string }).value));
}

/** All lists become one. Nothing in it is told from another by more than what is shown, so equal names stand there twice. */
export async function suggestions(
  servers: readonly Server[],
  uri: string,
  position: Position,
): Promise<readonly (readonly CompletionItem[])[]> {
  return Promise.all(
    servers.map(async ({ connection }) => {
      const list = await connection.sendRequest<CompletionList | null>("textDocument/completion", {
        textDocument: { uri },
        position,
        context: { triggerKind: 1 },
      });
      return list?.items ?? [];
    }),
  );
}

/** What a suggestion is read as: servers put blanks and dots before labels. */
export function nameOf({ label }: CompletionItem): string {
  return label.replace(/^[\s•]+/, "");
}

/** The outline has a group for each server that has any; the others are not seen. */
export async function outlines(servers: readonly Server[], uri: string): Promise<readonly number[]> {
  const found = await Promise.all(
    servers.map(({ connection }) =>
      connection.sendRequest<readonly unknown[] | null>("textDocument/documentSymbol", { textDocument: { uri } }),
    ),
  );
  return found.map((symbols) => symbols?.length ?? 0);
}

/** Of these one server's answer is shown: the first in the order of registration, the last first, that has one. */
export async function answers(
  servers: readonly Server[],
  method: "textDocument/signatureHelp" | "textDocument/semanticTokens/full",
  uri: string,
  position?: Position,
): Promise<readonly unknown[]> {
  const params = { textDocument: { uri }, ...(position && { position }) };
  return Promise.all(servers.map(({ connection }) => connection.sendRequest(method, params)));
}
