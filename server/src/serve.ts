/** All of the language server but its first answer, on Node. A bundle of its own, which `node.ts` loads. */

import { join } from "node:path";
import type { Connection, InitializeParams } from "vscode-languageserver";
import { nodeHost } from "./files.ts";
import { startServer } from "./server.ts";

export function serve(connection: Connection): (params: InitializeParams) => void {
  return startServer(connection, nodeHost(join(__dirname, "..")));
}
