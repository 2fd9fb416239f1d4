/** Builds a source when it is saved: in silence while all is well, and never with a notification for a mistake in the code. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { Cancelled } from "../../../server/src/toolchain/problem.ts";
import { choicesFor, outputChannel, rootOf, tellProblem } from "../work.ts";
import { buildInEditor, counted } from "./one-build.ts";

const SHOWN_MS = 5000;
/** A missing compiler is told once, and not with every save. */
const told = new Set<string>();

export async function buildSaved(source: vscode.Uri): Promise<void> {
  if (!vscode.workspace.isTrusted) return;
  const channel = outputChannel();
  const building = buildInEditor(source.fsPath, {
    choices: choicesFor(source),
    root: rootOf(source),
    tell: () => undefined,
    log: (text) => channel.append(text),
    signal: new AbortController().signal,
  });
  const name = basename(source.fsPath);
  const spinner = vscode.window.setStatusBarMessage(`$(loading~spin) Building ${name}`);
  try {
    const result = await building;
    told.clear();
    const { ok, plan } = result;
    const problems = counted(result);
    const said = `${ok ? "$(check) Built" : "$(error) Not built:"} ${ok ? basename(plan.object) : name}${problems === undefined ? "" : ` (${problems})`}`;
    vscode.window.setStatusBarMessage(said, SHOWN_MS);
  } catch (error) {
    // A newer save is being built.
    if (error instanceof Cancelled) return;
    const message = error instanceof Error ? error.message : String(error);
    if (!told.has(message)) tellProblem(error);
    told.add(message);
    vscode.window.setStatusBarMessage(`$(error) Not built: ${name}`, SHOWN_MS);
  } finally {
    spinner.dispose();
  }
}
