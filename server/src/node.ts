/** Host: a language server over stdio, a pipe, a socket or node-ipc, as the client's arguments say. */

import { join } from "node:path";
import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { initializeResult } from "./capabilities.ts";
import { nodeHost } from "./files.ts";
import { startServer } from "./server.ts";

declare const HOOKPOINT_VERSION: string;

const connection = createConnection(ProposedFeatures.all);
const initialize = startServer(connection, nodeHost(join(__dirname, "..")));
connection.onInitialize((params) => {
  initialize(params);
  return initializeResult(HOOKPOINT_VERSION);
});
connection.listen();
