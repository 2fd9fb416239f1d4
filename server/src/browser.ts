/** Host: a language server in a web worker. Its first message brings the files it cannot fetch itself. */

import { BrowserMessageReader, BrowserMessageWriter, createConnection } from "vscode-languageserver/browser";
import { readKnowledge } from "./analysis/knowledge/read.ts";
import { READ_TEXT_REQUEST, type ReadTextParams, type WorkerAssets } from "./protocol.ts";
import { startServer } from "./server.ts";

declare const HOOKPOINT_VERSION: string;
declare const self: DedicatedWorkerGlobalScope;

self.onmessage = ({ data }: MessageEvent<WorkerAssets>) => {
  self.onmessage = null;
  const connection = createConnection(new BrowserMessageReader(self), new BrowserMessageWriter(self));
  startServer(connection, {
    pid: 0,
    version: HOOKPOINT_VERSION,
    later: (work) => void setTimeout(work, 0),
    loadGrammar: async () => data,
    loadKnowledge: async () => readKnowledge(new TextDecoder().decode(data.knowledge)),
    // A web worker has no machine to look at.
    readBytes: async () => undefined,
    readText: async (uri, limit) =>
      (await connection.sendRequest<string | null>(READ_TEXT_REQUEST, { uri, limit } satisfies ReadTextParams)) ??
      undefined,
  });
};
