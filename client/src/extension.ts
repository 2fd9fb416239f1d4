/** Desktop entry. Costs next to nothing until a file with BPF in it is opened. */

import type { ExtensionContext } from "vscode";
import { type Api, activate as activateShared } from "./activation.ts";
import { registerBuildHooks } from "./build-hooks.ts";
import type { Command } from "./commands/command.ts";
import { FRESH_PROJECT } from "./fresh-project-key.ts";

export function activate(context: ExtensionContext): Api {
  registerBuildHooks(context);
  if (context.globalState.get(FRESH_PROJECT) !== undefined)
    import("./tools.js").then(({ welcomeProject }) => welcomeProject(context));
  return activateShared(context, {
    kind: "node",
    commands: toolCommands(context),
    // A bundle of its own: the language client is most of our code and no business of a plain C file.
    startSession: async () => {
      const session = await (await import("./session.js")).startSession(context);
      // Not before the server: what is known of the code comes first.
      const start = async (): Promise<void> => {
        const tools = await import("./tools.js");
        tools.startToolchainStatus(context);
        tools.startVerifier(context, session);
      };
      start().catch(() => undefined);
      return session;
    },
  });
}

/** What the manifest names is in a bundle of its own as well. */
function toolCommands({ extension }: ExtensionContext): readonly Pick<Command, "id" | "run">[] {
  const named: readonly { readonly command: string }[] = extension.packageJSON.contributes.commands;
  return named.map(({ command: id }) => ({
    id,
    run: async (context, call) => {
      const { toolCommands: loaded } = await import("./tools.js");
      await loaded.find((command) => command.id === id)?.run(context, call);
    },
  }));
}
