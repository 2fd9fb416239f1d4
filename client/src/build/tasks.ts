/** Builds as VS Code's tasks: one for each source and one for all, with a terminal of their own. */

import { relative, resolve } from "node:path";
import * as vscode from "vscode";
import { type Outcome, summary } from "../../../server/src/toolchain/build-all.ts";
import { Cancelled } from "../../../server/src/toolchain/problem.ts";
import { readable } from "../../../server/src/toolchain/readable.ts";
import { choicesFor } from "../work.ts";
import { buildSources } from "./all.ts";
import { workspaceSources } from "./sources.ts";

const TYPE = "hookpoint";

/** What `tasks.json` says. */
interface Definition extends vscode.TaskDefinition {
  /** From the workspace folder; all sources when it is left out. */
  readonly file?: string;
  readonly flags?: readonly string[];
}

export async function buildTasks(token?: vscode.CancellationToken): Promise<vscode.Task[]> {
  const sources = await workspaceSources(token && { token });
  const single = sources.flatMap((uri) => {
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    return folder === undefined ? [] : [taskFor({ type: TYPE, file: fileIn(folder, uri) }, folder)];
  });
  const folders = vscode.workspace.workspaceFolders ?? [];
  return [...single, ...(single.length === 0 ? [] : folders.map((folder) => taskFor({ type: TYPE }, folder)))];
}

/** A task that somebody has written into `tasks.json`. */
export function resolveBuildTask(task: vscode.Task): vscode.Task | undefined {
  const folder = typeof task.scope === "object" ? task.scope : vscode.workspace.workspaceFolders?.[0];
  return folder === undefined ? undefined : taskFor(task.definition as Definition, folder);
}

function fileIn(folder: vscode.WorkspaceFolder, uri: vscode.Uri): string {
  return relative(folder.uri.fsPath, uri.fsPath).replaceAll("\\", "/");
}

function taskFor(definition: Definition, folder: vscode.WorkspaceFolder): vscode.Task {
  const name = `build ${definition.file ?? "all"}`;
  // With what `${relativeFile}` and the like stand for.
  const execution = new vscode.CustomExecution(async (resolved) => terminal(resolved as Definition, folder));
  // Problems are shown by the build itself, with what a matcher cannot read: headers, explanations, edits.
  const task = new vscode.Task(definition, folder, name, TYPE, execution, []);
  task.group = vscode.TaskGroup.Build;
  task.presentationOptions = { clear: true };
  return task;
}

function terminal(definition: Definition, folder: vscode.WorkspaceFolder): vscode.Pseudoterminal {
  const wrote = new vscode.EventEmitter<string>();
  const closed = new vscode.EventEmitter<number>();
  const abort = new AbortController();
  const write = (text: string): void => wrote.fire(text.replace(/\r?\n/g, "\r\n"));
  return {
    onDidWrite: wrote.event,
    onDidClose: closed.event,
    open: () => {
      build(definition, folder, write, abort.signal).then(
        (code) => closed.fire(code),
        (error: unknown) => {
          write(
            error instanceof Cancelled ? "Cancelled.\n" : `${error instanceof Error ? error.message : String(error)}\n`,
          );
          closed.fire(error instanceof Cancelled ? INTERRUPTED : 2);
        },
      );
    },
    close: () => abort.abort(),
    handleInput: (typed) => {
      if (typed === CTRL_C) abort.abort();
    },
  };
}

const CTRL_C = "\u0003";
/** As a shell counts what was ended by Ctrl-C. */
const INTERRUPTED = 130;

async function build(
  { file, flags = [] }: Definition,
  folder: vscode.WorkspaceFolder,
  write: (text: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const cwd = folder.uri.fsPath;
  const all = file === undefined ? await workspaceSources() : [vscode.Uri.file(resolve(cwd, file))];
  const sources = all.filter((uri) => file !== undefined || vscode.workspace.getWorkspaceFolder(uri) === folder);
  const own = choicesFor(folder.uri);
  const told = new Set<string>();
  const onDone = ({ result, problem }: Outcome): void => {
    if (problem !== undefined && !told.has(problem.message)) write(`${problem.message}\n`);
    if (problem !== undefined) told.add(problem.message);
    if (result === undefined) return;
    write(result.diagnostics.length > 0 ? readable(result.diagnostics, cwd) : result.output);
    if (result.ok) write(`${relative(cwd, result.plan.object)}${result.fresh ? " is up to date" : ""}\n`);
  };
  const choices = { ...own, flags: [...own.flags, ...flags] };
  const outcomes = await buildSources(sources, { log: () => undefined, signal }, { choices, onDone });
  if (outcomes.length !== 1) write(`${summary(outcomes)}.\n`);
  if (outcomes.some(({ problem }) => problem !== undefined)) return 2;
  return outcomes.every(({ result }) => result?.ok === true) ? 0 : 1;
}
