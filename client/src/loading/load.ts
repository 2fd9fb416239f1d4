/** Loads the object of a source, or one that was chosen, and keeps it as long as the window stays. */

import { stat } from "node:fs/promises";
import { basename } from "node:path";
import * as vscode from "vscode";
import type { InTheWay, NotLoaded } from "../../../server/src/toolchain/agent/held.ts";
import { type HoldResult, holdName, holdObject } from "../../../server/src/toolchain/agent/hold.ts";
import { inTheWayText } from "../../../server/src/toolchain/agent/in-the-way.ts";
import { unload } from "../../../server/src/toolchain/agent/loaded.ts";
import { whyNotLoaded } from "../../../server/src/toolchain/agent/why-not-loaded.ts";
import { rootInEditor } from "../kernel/ask-root.ts";
import { verifyInEditor } from "../kernel/verify.ts";
import { objectOf } from "../object-file.ts";
import type { Session } from "../session-options.ts";
import { withWork } from "../work.ts";
import { agentSource } from "./agent-place.ts";
import { endHeld, type Held, heldAs, keep } from "./holdings.ts";

export interface Loading {
  readonly context: vscode.ExtensionContext;
  readonly session: () => Promise<Session>;
}

/**
 * What is loaded of it; undefined after telling the person why nothing is.
 * @param again whether to load even what is loaded and has not changed
 */
export async function loadInEditor(
  file: vscode.Uri,
  again: boolean,
  loading: Loading,
): Promise<{ readonly held: Held; readonly isNew: boolean } | undefined> {
  const { context } = loading;
  const done = await withWork(`Loading ${basename(file.fsPath)}`, file, async (work): Promise<Done | undefined> => {
    const source = agentSource(context);
    const object = await objectOf(file, work);
    if (object === undefined) return undefined;
    const modified = (await stat(object)).mtimeMs;
    const name = holdName(object);
    const before = heldAs(name);
    if (before !== undefined && before.object === object) {
      if (!again && before.modified === modified) return { before };
      await endHeld(before);
    }
    const result = await holdObject(object, { name, programs: [] }, source, rootInEditor(work.signal), work);
    return { result, object, modified };
  });
  if (done === undefined) return undefined;
  if ("before" in done) return { held: done.before, isNew: false };
  const { result, object, modified } = done;
  if ("event" in result) {
    if (result.event !== "inTheWay") tellRefused(result, file, loading);
    else if (await removed(result, file, context)) return loadInEditor(file, again, loading);
    return undefined;
  }
  const held = { holding: result, object, modified };
  keep(held, context);
  return { held, isNew: true };
}

type Done =
  | { readonly before: Held }
  | { readonly result: HoldResult; readonly object: string; readonly modified: number };

/** What the kernel says of each program is the business of verifying. */
function tellRefused(said: NotLoaded, file: vscode.Uri, { context, session }: Loading): void {
  vscode.window
    .showErrorMessage(`${whyNotLoaded(said)}.`, EXPLAIN)
    .then((choice) => choice && verifyInEditor({ file }, context, session));
}

const EXPLAIN = "Explain";

async function removed(said: InTheWay, file: vscode.Uri, context: vscode.ExtensionContext): Promise<boolean> {
  const question = `${inTheWayText(said)}. Unload it, and load this?`;
  const answer = await vscode.window.showWarningMessage(question, { modal: true }, UNLOAD_FIRST);
  if (answer === undefined) return false;
  const own = heldAs(said.name);
  if (own !== undefined) return (await endHeld(own)) === 0;
  const unloaded = await withWork(`Unloading ${said.name}`, file, (work) =>
    unload([said.name], agentSource(context), rootInEditor(work.signal), work),
  );
  const isGone = unloaded?.every(({ event, left }) => event !== "held" && left.length === 0) === true;
  if (!isGone && unloaded !== undefined)
    vscode.window.showErrorMessage(`${said.name} cannot be unloaded from here: its process does not end.`);
  return isGone;
}

const UNLOAD_FIRST = "Unload and Load";
