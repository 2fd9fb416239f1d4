/** One command of the palette is one file in this folder that exports one of these. */

import type { ExtensionContext } from "vscode";

export interface Command {
  /** `hookpoint.` and the file's name in camel case. */
  readonly id: string;
  readonly title: string;
  /** `node` when it runs programs: the web never shows what cannot work there. */
  readonly needs: "node" | "nothing";
  readonly run: (context: ExtensionContext) => Promise<void>;
}
