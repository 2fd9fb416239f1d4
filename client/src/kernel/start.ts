/** What stands in the editor without being asked for: lenses above programs. Begins with the first BPF file. */

import * as vscode from "vscode";
import type { Session } from "../session-options.ts";
import { showCost } from "./cost-page.ts";
import { SHOW_COST, startLens } from "./lens.ts";

export function startVerifier(context: vscode.ExtensionContext, session: Session): void {
  context.subscriptions.push(
    vscode.commands.registerCommand(SHOW_COST, (argument: unknown) => showCost(argument, context)),
  );
  startLens(context, session);
}
