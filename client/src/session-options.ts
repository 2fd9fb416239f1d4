/** A running language server, and how the client talks to it: the same on the desktop and in the web. */

import * as vscode from "vscode";
import {
  type BaseLanguageClient,
  type CloseHandlerResult,
  DidOpenTextDocumentNotification,
  ErrorAction,
  type ErrorHandler,
  type LanguageClientOptions,
  type Middleware,
  State,
} from "vscode-languageclient";
import type { ClientAbilities, PlacesShown } from "../../server/src/protocol.ts";
import { otherServerNow, tellOfOtherServer } from "./beside.ts";
import { isBpfAfter, isBpfDocument, isLoaderAfter, isLoaderDocument } from "./bpf-documents.ts";
import { startTargetStatus } from "./target-status.ts";

export interface Session {
  readonly client: BaseLanguageClient;
}

export const CLIENT_ID = "hookpoint";
export const CLIENT_NAME = "Hookpoint";

const PLACES_COMMAND = "hookpoint.showPlaces";
const abilities: ClientAbilities = {
  explainCommand: "hookpoint.explainRule",
  placesCommand: PLACES_COMMAND,
  minimumCommand: "hookpoint.showMinimumKernel",
};

export async function run(
  context: vscode.ExtensionContext,
  create: (options: LanguageClientOptions) => BaseLanguageClient,
): Promise<Session> {
  const sent = new Set<string>();
  const outputChannel = vscode.window.createOutputChannel(CLIENT_NAME, { log: true });
  const client = create({
    documentSelector: [{ language: "c" }, { language: "cpp" }, { language: "go" }],
    outputChannel,
    // Asked for anew when the server starts again.
    initializationOptions: () => ({ ...abilities, otherServer: otherServerNow() }),
    errorHandler: onlyCloseEnds(() => client),
    middleware: onlyBpf(sent, () => client),
  });
  context.subscriptions.push(
    outputChannel,
    // A server that comes back knows nothing: it is told about every document anew.
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Starting) sent.clear();
    }),
    vscode.commands.registerCommand(PLACES_COMMAND, (shown: PlacesShown) => showPlaces(shown, client)),
    { dispose: () => void client.stop() },
  );
  await client.start();
  startTargetStatus(context, client);
  context.subscriptions.push(tellOfOtherServer(client));
  return { client };
}

/** The lens speaks of places in a file: they are looked at without leaving the line. */
async function showPlaces({ uri, position, places }: PlacesShown, { protocol2CodeConverter }: BaseLanguageClient) {
  const file = protocol2CodeConverter.asUri(uri);
  const locations = places.map((range) => new vscode.Location(file, protocol2CodeConverter.asRange(range)));
  const at = protocol2CodeConverter.asPosition(position);
  await vscode.commands.executeCommand("editor.action.peekLocations", file, at, locations, "peek");
}

/** Keeps plain C from the server, but for programs that load BPF objects, and opens a document there at the moment it becomes BPF. */
function onlyBpf(sent: Set<string>, client: () => BaseLanguageClient): Middleware {
  return {
    didOpen: async (document, next) => {
      if (!isBpfDocument(document) && !isLoaderDocument(document)) return;
      sent.add(document.uri.toString());
      await next(document);
    },
    didChange: async (event, next) => {
      const uri = event.document.uri.toString();
      if (sent.has(uri)) return next(event);
      if (!isBpfAfter(event) && !isLoaderAfter(event)) return;
      sent.add(uri);
      const params = client().code2ProtocolConverter.asOpenTextDocumentParams(event.document);
      await client().sendNotification(DidOpenTextDocumentNotification.type, params);
    },
    didClose: async (document, next) => {
      if (sent.delete(document.uri.toString())) await next(document);
    },
  };
}

/** A dying server makes many writes fail before its channel closes; the default takes the fourth for the end and never restarts. */
function onlyCloseEnds(client: () => BaseLanguageClient): ErrorHandler {
  let usual: ErrorHandler | undefined;
  return {
    error: () => ({ action: ErrorAction.Continue, handled: true }),
    closed: (): CloseHandlerResult | Promise<CloseHandlerResult> => {
      usual ??= client().createDefaultErrorHandler();
      return usual.closed();
    },
  };
}
