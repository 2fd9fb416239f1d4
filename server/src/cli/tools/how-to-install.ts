/** What a button does in the editor is a line here. */

import { commandText, installation } from "../../toolchain/install.ts";
import type { ToolProblem } from "../../toolchain/problem.ts";
import { thisSystem } from "../../toolchain/system.ts";

/** What to add to a problem's message, with the line break before it; nothing where installing would not help. */
export async function howToInstall({ remedy: { install } }: ToolProblem): Promise<string> {
  if (install === undefined) return "";
  const how = installation([install], await thisSystem());
  const command = commandText(how, process.getuid?.() === 0);
  return [...(command === undefined ? [] : [`Install it with: ${command}`]), how.advice]
    .map((line) => `\n${line}`)
    .join("");
}
