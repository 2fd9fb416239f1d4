/** Where the programs, the maps and the names of a C source stand in it, for what loaders say of them. */

import * as vscode from "vscode";
import { type PlaceOfName, sourcePlaces } from "../../../server/src/toolchain/verifier-view.ts";
import type { Session } from "../session-options.ts";
import { askModel } from "./programs.ts";

/** Asked before a kernel is: lines are those of the text that is built. Undefined where the language server cannot say. */
export async function placesInSource(
  uri: vscode.Uri,
  session: () => Promise<Session>,
): Promise<PlaceOfName | undefined> {
  try {
    const model = await askModel(uri, await session());
    if (model === null) return undefined;
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    return sourcePlaces(uri.fsPath, text, model);
  } catch {
    return undefined;
  }
}
