/** A command of the command line that runs tools: one file of this folder exports one of these. */

import type { Choices, Work } from "../../toolchain/choices.ts";

export interface ToolCommand {
  readonly name: string;
  /** Its lines of the usage, indented as they are shown. */
  readonly usage: string;
  /** Options beside those that every one has: --clang, --bpftool, --arch, --quiet, --format. */
  readonly options: Readonly<Record<string, ToolOption>>;
  /** @returns the exit code: 0 done, 1 done and something was found wrong in the sources, 2 not done */
  readonly run: (names: readonly string[], call: ToolCall) => Promise<number>;
}

export interface ToolOption {
  readonly type: "string" | "boolean";
  readonly multiple?: boolean;
  readonly short?: string;
}

export type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

export interface ToolCall {
  readonly values: Values;
  readonly choices: Choices;
  readonly work: Work;
}
