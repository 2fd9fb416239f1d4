/** What the last verification said of each program, for the lenses above them. */

import * as vscode from "vscode";
import type { ProgramAnswer, Stats } from "../../../server/src/toolchain/verifier-view.ts";
import type { HotLine } from "./heat.ts";

export interface Verdict {
  readonly program: ProgramAnswer;
  /** The same program in the run before, where it was accepted. */
  readonly before: Stats | undefined;
  /** "Linux 6.18.44 on this machine" */
  readonly kernel: string;
  /** Its lines, by how often the verifier came by them. */
  readonly hot: readonly HotLine[];
}

const verdicts = new Map<string, readonly Verdict[]>();
const changed = new vscode.EventEmitter<void>();

export const onVerdicts = changed.event;

/** What is not in it keeps what was said: one program may have been verified alone. */
export function keepVerdicts(source: vscode.Uri, now: readonly Verdict[]): void {
  const names = new Set(now.map(({ program }) => program.name));
  const others = (verdicts.get(source.toString()) ?? []).filter(({ program }) => !names.has(program.name));
  verdicts.set(source.toString(), [...others, ...now]);
  changed.fire();
}

export function verdictOf(source: vscode.Uri, name: string): Verdict | undefined {
  return verdicts.get(source.toString())?.find(({ program }) => program.name === name);
}
