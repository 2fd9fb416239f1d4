/** Has a kernel verify a source or an object, and shows what it said: problems, lenses, heat, a message. */

import { basename } from "node:path";
import type * as vscode from "vscode";
import { programCosts } from "../../../server/src/toolchain/program-costs.ts";
import { type Costs, heatOf } from "../../../server/src/toolchain/verifier-view.ts";
import { type Verified, verifyObject } from "../../../server/src/toolchain/verify.ts";
import { isSource, objectOf } from "../object-file.ts";
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
import { tellVerified } from "./tell.ts";
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
  const edits = watchEdits();
  try {
    const title = `Verifying ${program ?? basename(file.fsPath)}`;
    const outcome = await withWork(title, file, async (work): Promise<Outcome | undefined> => {
      const kernel = chosenKernel(file, context, work);
      const places = isSource(file) ? placesInSource(file, session) : Promise.resolve(undefined);
      const object = await objectOf(file, work);
      if (object === undefined) return undefined;
      const wish = { programs: program === undefined ? [] : [program], visits: true, source: () => places };
      return { verified: await verifyObject(object, kernel, wish, work), object };
    });
    if (outcome === undefined) return;
    await show({ file, ...(program && { program }) }, outcome, { context, session, edits });
  } finally {
    edits.dispose();
  }
}

interface Surroundings {
  readonly context: vscode.ExtensionContext;
  readonly session: () => Promise<Session>;
  readonly edits: Edits;
}

async function show(
  { file, program: only }: Wanted,
  { verified, object }: Outcome,
  { context, session, edits }: Surroundings,
): Promise<void> {
  const kernel = kernelText(verified);
  const source = isSource(file) ? file : undefined;
  const find = fileFinder(source);
  const located = await locate(verified, { kernel, source: source ?? file, find, edits, session });
  showAnswers(file, located, context, only);
  const byProgram = await programCosts(object, verified.tried);
  const { costs } = verified;
  const run = { programs: countsOf(verified), costs, byProgram };
  const before = only === undefined ? await keepRun(file, run, context) : undefined;
  const hotter = async (now: Costs | undefined, then: Costs | undefined): Promise<readonly HotLine[]> => {
    const located = (now === undefined ? [] : heatOf(now, then)).map(async (heat) => {
      const at = await locationOf(heat, find, edits);
      return at === undefined ? [] : [{ uri: at.uri, range: at.range, heat }];
    });
    return (await Promise.all(located)).flat();
  };
  showHeat(file, await hotter(costs, before?.costs), context);
  const verdicts = verified.programs.map(async (program): Promise<Verdict> => {
    const name = program.name ?? "";
    const hot = await hotter(byProgram[name], before?.byProgram[name]);
    return { program, kernel, before: before?.programs[name], hot };
  });
  keepVerdicts(file, await Promise.all(verdicts));
  tellVerified(verified, located, kernel, context);
}

function countsOf({ programs }: Verified): Run["programs"] {
  return Object.fromEntries(
    programs.flatMap(({ name, stats, verdict }) =>
      name === undefined || stats === undefined || verdict !== "accepted" ? [] : [[name, stats] as const],
    ),
  );
}

function kernelText({ release, kernel }: Verified): string {
  return `Linux ${release} on ${kernel}`;
}
