/** Tools of which the first that says its version will do. */

import type { ToolKind } from "./tool.ts";

interface SimpleTool extends Pick<ToolKind, "name" | "purpose" | "install"> {
  readonly candidates: readonly string[];
  readonly version: RegExp;
  /** How it is asked, where that is not `--version`. */
  readonly question?: string;
}

export function simpleTool({ version, question = "--version", candidates, ...kind }: SimpleTool): ToolKind {
  return {
    ...kind,
    candidates: () => candidates,
    probe: async (program, ask) => {
      const found = version.exec((await ask([question])) ?? "")?.[1];
      return found === undefined ? `does not say its version, as ${kind.name} would` : { program, version: found };
    },
  };
}
