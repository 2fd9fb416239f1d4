/** Host: a language server over stdio, a pipe, a socket or node-ipc, as the client's arguments say. */

import { join } from "node:path";
import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { nodeHost } from "./files.ts";
import { startServer } from "./server.ts";

startServer(createConnection(ProposedFeatures.all), nodeHost(join(__dirname, "..")));
