/** Command: build the open file, make what its loader includes, and offer to write the loader. */

import { basename } from "node:path";
import * as vscode from "vscode";
import type { Work } from "../../../server/src/toolchain/choices.ts";
import { loaderFile, writeLoaderFile } from "../../../server/src/toolchain/loader/loader-file.ts";
import { type BindingResult, makeBindings } from "../../../server/src/toolchain/skeleton/bindings.ts";
import type { SkeletonKind } from "../../../server/src/toolchain/skeleton/name.ts";
import { InTheWay } from "../../../server/src/toolchain/skeleton/overwrite.ts";
import { type ProjectKind, projectKind } from "../../../server/src/toolchain/skeleton/project-kind.ts";
import { makeSkeleton, type SkeletonResult } from "../../../server/src/toolchain/skeleton/skeleton.ts";
import { activeSource } from "../active-source.ts";
import { askModel } from "../kernel/programs.ts";
import type { Session } from "../session-options.ts";
import { outputChannel, rootOf, withWork } from "../work.ts";
import type { Command } from "./command.ts";

export const generateSkeleton: Command = {
  id: "hookpoint.generateSkeleton",
  title: "Build and Generate Skeleton",
  needs: "node",
  offered: "bpf",
  run: async (_, { session }) => {
    const source = await activeSource();
    if (source === undefined) return;
    const { kind, project } = await kindFor(source);
    if (kind === "go" || kind === "rust") return bindings(source, { ...project, kind });
    const made = await asking((force) =>
      within(`Making the skeleton of ${basename(source.fsPath)}`, source, (work) =>
        makeSkeleton([source.fsPath], work, { kind, name: "", force }),
      ),
    );
    if (made !== undefined) tell(source, made, kind === "c" ? session : undefined);
  },
};

type Kind = SkeletonKind | "go" | "rust";

/** What the setting says, or else what the project is written in. */
async function kindFor(source: vscode.Uri): Promise<{ readonly kind: Kind; readonly project: ProjectKind }> {
  const project = await projectKind(source.fsPath, rootOf(source));
  const wanted = vscode.workspace.getConfiguration("hookpoint", source).get<Kind | "auto">("skeleton.kind", "auto");
  return { kind: wanted === "auto" ? project.kind : wanted, project };
}

async function bindings(source: vscode.Uri, project: ProjectKind): Promise<void> {
  const title = `Making what the loader of ${basename(source.fsPath)} needs`;
  const result = await withWork(title, source, (work) => makeBindings(source.fsPath, work, project));
  if (result !== undefined) tellBindings(result);
}

function tellBindings({ ok, command }: BindingResult): void {
  const show = (choice: string | undefined): void => {
    if (choice !== undefined) outputChannel().show(true);
  };
  if (ok) vscode.window.showInformationMessage(`Done by ${command.name}.`, "Show Output").then(show);
  else vscode.window.showErrorMessage(`${command.name} failed.`, "Show Output").then(show);
}

/**
 * Does not wait for the person to close the message.
 * @param session undefined where no loader can be written
 */
function tell(source: vscode.Uri, made: SkeletonResult, session: (() => Promise<Session>) | undefined): void {
  const { ok, output, header, notes } = made;
  if (!ok) {
    const first = /^.*\b(?:fatal error|error): (.*)$/m.exec(output)?.[1];
    const message = `Build failed${first === undefined ? "." : `: ${first}`}`;
    vscode.window
      .showErrorMessage(message, "Show Output")
      .then((choice) => choice !== undefined && outputChannel().show(true));
    return;
  }
  for (const note of notes) vscode.window.showWarningMessage(note);
  const path = loaderFile(source.fsPath);
  const write = "Write Loader";
  const actions = [...(session === undefined ? [] : [write]), "Open Skeleton"];
  vscode.window.showInformationMessage(`Made ${basename(header)}.`, ...actions).then(async (choice) => {
    if (choice === write && session !== undefined) await loader(source, path, made, session);
    else if (choice !== undefined) await open(header);
  });
}

async function loader(
  source: vscode.Uri,
  path: string,
  { header, name }: SkeletonResult,
  session: () => Promise<Session>,
): Promise<void> {
  const written = await asking((force) =>
    within(`Writing ${basename(path)}`, source, async () => {
      const model = await askModel(source, await session());
      if (model === null) throw new Error(`${basename(source.fsPath)} cannot be read.`);
      await writeLoaderFile([model], { source: source.fsPath, path, header, name, force });
      return true;
    }),
  );
  if (written === true) await open(path);
}

async function open(path: string): Promise<void> {
  await vscode.window.showTextDocument(vscode.Uri.file(path));
}

/** As `withWork`, but a file in the way is the caller's to ask about. */
async function within<T>(
  title: string,
  place: vscode.Uri,
  work: (work: Work) => Promise<T>,
): Promise<T | InTheWay | undefined> {
  return withWork(title, place, async (given) => {
    try {
      return await work(given);
    } catch (error) {
      if (error instanceof InTheWay) return error;
      throw error;
    }
  });
}

/** Tries, and where a file is in the way asks whether it may be written over. */
async function asking<T>(attempt: (force: boolean) => Promise<T | InTheWay | undefined>): Promise<T | undefined> {
  const first = await attempt(false);
  if (!(first instanceof InTheWay)) return first;
  const overwrite = "Overwrite";
  const message = `${basename(first.path)} is there already, and was not generated. Write over it?`;
  const answer = await vscode.window.showWarningMessage(message, { modal: true }, overwrite);
  if (answer !== overwrite) return undefined;
  const second = await attempt(true);
  return second instanceof InTheWay ? undefined : second;
}
