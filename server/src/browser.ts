/** Host: a language server in a web worker. Its first message brings the files it cannot fetch itself. */

import { BrowserMessageReader, BrowserMessageWriter, createConnection } from "vscode-languageserver/browser";
import { readKnowledge } from "./analysis/knowledge/read.ts";
import { initializeResult } from "./capabilities.ts";
import {
  LIST_FILES_REQUEST,
  type ListFilesParams,
  READ_TEXT_REQUEST,
  type ReadTextParams,
  type WorkerAssets,
} from "./protocol.ts";
import { startServer } from "./server.ts";

declare const HOOKPOINT_VERSION: string;
declare const self: DedicatedWorkerGlobalScope;

self.onmessage = ({ data }: MessageEvent<WorkerAssets>) => {
  self.onmessage = null;
  const connection = createConnection(new BrowserMessageReader(self), new BrowserMessageWriter(self));
  const readText = async (uri: string, limit?: number): Promise<string | undefined> =>
    (await connection.sendRequest<string | null>(READ_TEXT_REQUEST, { uri, limit } satisfies ReadTextParams)) ??
    undefined;
  const initialize = startServer(connection, {
    pid: 0,
    version: HOOKPOINT_VERSION,
    later: (work) => void setTimeout(work, 0),
    loadGrammar: async () => data,
    loadKnowledge: async () => readKnowledge(new TextDecoder().decode(data.knowledge)),
    // A web worker has no machine to look at.
    readBytes: async () => undefined,
    listFiles: (folder, endings, limit, { isDeep } = { isDeep: true }) =>
      connection.sendRequest<readonly string[]>(LIST_FILES_REQUEST, {
        folder,
        endings,
        limit,
        isDeep,
      } satisfies ListFilesParams),
    isFile: async (uri) => (await readText(uri)) !== undefined,
    readText,
  });
  connection.onInitialize((params) => {
    initialize(params);
    return initializeResult(HOOKPOINT_VERSION);
  });
  connection.listen();
};
