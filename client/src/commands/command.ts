/** One command of the palette is one file in this folder that exports one of these. */

import type { ExtensionContext } from "vscode";
import type { Session } from "../session-options.ts";

export interface Command {
  /** `hookpoint.` and the file's name in camel case. */
  readonly id: string;
  readonly title: string;
  /** `node` when it runs programs: the web never shows what cannot work there. */
  readonly needs: "node" | "nothing";
  /** `bpf` while a BPF file is looked at; `anywhere` when it needs none. */
  readonly offered: "bpf" | "anywhere";
  readonly run: (context: ExtensionContext, call: CommandCall) => Promise<void>;
}

export interface CommandCall {
  /** The running session; it is started when there is none. */
  readonly session: () => Promise<Session>;
  /** What a link or a code action handed over; undefined from the palette. */
  readonly argument: unknown;
}
