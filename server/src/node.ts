/**
 * Host: a language server over stdio, a pipe, a socket or node-ipc, as the client's arguments say. It answers the first request
 * by itself; all that thinks is a bundle of its own, loaded while that answer is on its way.
 */

import type { ConnectionOptions, InitializeParams } from "vscode-languageserver";

// For the other bundle, which must know the same classes.
export * as lsp from "vscode-languageserver";

import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { initializeResult } from "./capabilities.ts";
import { wholeMessages } from "./whole-messages.ts";

declare const HOOKPOINT_VERSION: string;

/** An answer is written two turns after it was given. */
const TURNS_TO_ANSWER = 3;

let initialize: ((params: InitializeParams) => void) | undefined;
let loading: Promise<void> | undefined;
let told: InitializeParams | undefined;

const load = async (): Promise<void> => {
  const { serve } = await import("./serve.js");
  initialize = serve(connection);
  if (told !== undefined) initialize(told);
};
const loaded = (): Promise<void> => {
  loading ??= load();
  return loading;
};

const options: ConnectionOptions = {
  messageStrategy: {
    // What comes before the rest is there waits for it, in its order.
    handleMessage: (message, next) =>
      initialize !== undefined || (message as { method?: string }).method === "initialize"
        ? next(message)
        : loaded().then(() => next(message)),
  },
};
const connection = process.argv.includes("--stdio") ? overStdio() : createConnection(ProposedFeatures.all, options);
connection.onInitialize((params) => {
  told = params;
  initialize?.(params);
  afterTurns(TURNS_TO_ANSWER, () => void loaded());
  return initializeResult(HOOKPOINT_VERSION);
});
connection.listen();

function overStdio() {
  // What a library prints must not stand among the messages.
  console.log = console.info = console.debug = console.error;
  return createConnection(ProposedFeatures.all, process.stdin, wholeMessages(process.stdout), options);
}

function afterTurns(turns: number, work: () => void): void {
  setImmediate(() => (turns <= 1 ? work() : afterTurns(turns - 1, work)));
}
