/** Where the programs, the maps and the names of a C source stand in it, for what loaders say of them. */

import * as vscode from "vscode";
import { type Description, MODEL_REQUEST, type ModelParams } from "../../../server/src/protocol.ts";
import { type PlaceOfName, sourcePlaces } from "../../../server/src/toolchain/verifier-view.ts";
import type { Session } from "../session-options.ts";

/** Undefined where the language server cannot say. */
export async function placesInSource(
  uri: vscode.Uri,
  session: () => Promise<Session>,
): Promise<PlaceOfName | undefined> {
  try {
    const { client } = await session();
    const params: ModelParams = { uri: uri.toString() };
    const model = await client.sendRequest<Description | null>(MODEL_REQUEST, params);
    if (model === null) return undefined;
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    return sourcePlaces(uri.fsPath, text, model);
  } catch {
    return undefined;
  }
}
