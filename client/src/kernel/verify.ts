/** Has a kernel verify a source or an object, and shows what it said: problems, lenses, heat, a message. */

import { basename } from "node:path";
import type * as vscode from "vscode";
import { hotLines, summed } from "../../../server/src/toolchain/hot-lines.ts";
import { heatOf, type LineVisits } from "../../../server/src/toolchain/verifier-view.ts";
import { type Verified, verifyObject } from "../../../server/src/toolchain/verify.ts";
import { buildInEditor } from "../build/one-build.ts";
import type { Session } from "../session-options.ts";
import { allSaved, mayRunTools, withWork } from "../work.ts";
import { type Edits, watchEdits } from "./edits.ts";
import { type HotLine, showHeat } from "./heat.ts";
import { chosenKernel } from "./kernel.ts";
import { keepRun, type Run } from "./last-runs.ts";
import { locate } from "./located.ts";
import { fileFinder, locationOf } from "./places.ts";
import { placesInSource } from "./places-in-source.ts";
import { showAnswers } from "./problems.ts";
import { tellBuildFailed, tellVerified } from "./tell.ts";
import { keepVerdicts, type Verdict } from "./verdicts.ts";

export interface Wanted {
  /** A C source, which is built first, or an object. */
  readonly file: vscode.Uri;
  /** All programs without one. */
  readonly program?: string;
}

interface Outcome {
  readonly verified: Verified;
  readonly object: string;
}

export async function verifyInEditor(
  { file, program }: Wanted,
  context: vscode.ExtensionContext,
  session: () => Promise<Session>,
): Promise<void> {
  if (!mayRunTools() || !(await allSaved())) return;
  const name = basename(file.fsPath);
  const edits = watchEdits();
  try {
    const outcome = await withWork(`Verifying ${program ?? name}`, file, async (work): Promise<Outcome | undefined> => {
      const kernel = chosenKernel(context, work);
      let object = file.fsPath;
      if (isSource(file)) {
        const built = await buildInEditor(file.fsPath, work);
        if (!built.ok) {
          tellBuildFailed(name);
          return undefined;
        }
        object = built.plan.object;
      }
      const source = isSource(file) ? { source: () => placesInSource(file, session) } : {};
      const wish = { programs: program === undefined ? [] : [program], visits: true, ...source };
      return { verified: await verifyObject(object, kernel, wish, work), object };
    });
    if (outcome === undefined) return;
    await show(file, outcome, program === undefined, { context, session, edits });
  } finally {
    edits.dispose();
  }
}

function isSource({ path }: vscode.Uri): boolean {
  return path.endsWith(".c");
}

interface Surroundings {
  readonly context: vscode.ExtensionContext;
  readonly session: () => Promise<Session>;
  readonly edits: Edits;
}

async function show(
  file: vscode.Uri,
  { verified, object }: Outcome,
  isWhole: boolean,
  { context, session, edits }: Surroundings,
): Promise<void> {
  const kernel = kernelText(verified);
  const source = isSource(file) ? file : undefined;
  const find = fileFinder(source);
  const located = await locate(verified, { kernel, source: source ?? file, find, edits, session });
  showAnswers(file, located, context);
  const lines = await hotLines(object, verified.tried);
  const before = isWhole ? await keepRun(file, { programs: costsOf(verified), lines }, context) : undefined;
  const hotter = async (now: readonly LineVisits[], then: readonly LineVisits[] = []): Promise<readonly HotLine[]> => {
    const located = heatOf(now, then).map(async (heat) => {
      const at = await locationOf(heat, find, edits);
      return at === undefined ? [] : [{ uri: at.uri, range: at.range, heat }];
    });
    return (await Promise.all(located)).flat();
  };
  showHeat(
    file,
    await hotter(summed(Object.values(lines).flat()), summed(Object.values(before?.lines ?? {}).flat())),
    context,
  );
  const verdicts = verified.programs.map(async (program): Promise<Verdict> => {
    const name = program.name ?? "";
    const hot = await hotter(lines[name] ?? [], before?.lines[name]);
    return { program, kernel, before: before?.programs[name], hot };
  });
  keepVerdicts(file, await Promise.all(verdicts));
  tellVerified(verified, located, kernel);
}

function costsOf({ programs }: Verified): Run["programs"] {
  return Object.fromEntries(
    programs.flatMap(({ name, stats, verdict }) =>
      name === undefined || stats === undefined || verdict !== "accepted" ? [] : [[name, stats] as const],
    ),
  );
}

function kernelText({ release, kernel }: Verified): string {
  return `Linux ${release} on ${kernel}`;
}
