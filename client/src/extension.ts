/** Desktop entry. Costs next to nothing until a file with BPF in it is opened. */

import type { ExtensionContext } from "vscode";
import { type Api, activate as activateShared } from "./activation.ts";
import { commands } from "./commands/index.ts";

export function activate(context: ExtensionContext): Api {
  return activateShared(context, {
    kind: "node",
    commands,
    // A bundle of its own: the language client is most of our code and no business of a plain C file.
    startSession: async () => (await import("./session.js")).startSession(context),
  });
}
