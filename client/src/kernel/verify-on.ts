/** Has several kernels verify the same programs, and shows what each of them said: a page with a table, and problems. */

import { basename } from "node:path";
import type * as vscode from "vscode";
import type { AskableKernel } from "../../../server/src/toolchain/agent/kernel-answer.ts";
import type { Work } from "../../../server/src/toolchain/choices.ts";
import { fetchKernel } from "../../../server/src/toolchain/guests/fetch.ts";
import { kernelPage } from "../../../server/src/toolchain/verifier-view.ts";
import { columnOf, type KernelSaid, verifyOn } from "../../../server/src/toolchain/verify-on.ts";
import { isSource, objectOf } from "../object-file.ts";
import type { Session } from "../session-options.ts";
import { withWork } from "../work.ts";
import type { ChosenKernel } from "./choose-kernels.ts";
import { type Edits, watchEdits } from "./edits.ts";
import { guestsInEditor } from "./guests.ts";
import { chosenKernel } from "./kernel.ts";
import { linksOf } from "./links.ts";
import { locate } from "./located.ts";
import { showAnswerPage } from "./page.ts";
import { fileFinder } from "./places.ts";
import { placesInSource } from "./places-in-source.ts";
import { type Located, showAnswers } from "./problems.ts";

export async function verifyOnKernels(
  file: vscode.Uri,
  chosen: readonly ChosenKernel[],
  context: vscode.ExtensionContext,
  session: () => Promise<Session>,
): Promise<void> {
  const name = basename(file.fsPath);
  const edits = watchEdits();
  try {
    const on = chosen.length === 1 ? "1 kernel" : `${chosen.length} kernels`;
    const said = await withWork(`Verifying ${name} on ${on}`, file, async (work) => {
      const places = isSource(file) ? placesInSource(file, session) : Promise.resolve(undefined);
      const object = await objectOf(file, work);
      if (object === undefined) return undefined;
      const kernels: AskableKernel[] = [];
      for (const one of chosen) kernels.push(await kernelOf(one, file, context, work));
      return verifyOn(object, kernels, { programs: [], visits: false, source: () => places }, work);
    });
    if (said !== undefined) await show(file, said, context, session, edits);
  } finally {
    edits.dispose();
  }
}

async function kernelOf(
  one: ChosenKernel,
  file: vscode.Uri,
  context: vscode.ExtensionContext,
  work: Work,
): Promise<AskableKernel> {
  if (one.kind === "here") return chosenKernel(file, context, work);
  const image = one.kind === "image" ? one.image : await fetchKernel(one.offer.name, work);
  return guestsInEditor(context).kernel(image);
}

async function show(
  file: vscode.Uri,
  said: readonly KernelSaid[],
  context: vscode.ExtensionContext,
  session: () => Promise<Session>,
  edits: Edits,
): Promise<void> {
  const source = isSource(file) ? file : undefined;
  const find = fileFinder(source);
  const located = await Promise.all(
    said.map(async (one): Promise<readonly Located[]> => {
      if ("problem" in one) return [];
      const kernel = `Linux ${one.verified.release} on ${one.kernel}`;
      return locate(one.verified, { kernel, source: source ?? file, find, edits, session });
    }),
  );
  showAnswers(file, withoutRepeats(located.flat()), context);
  const page = kernelPage(basename(file.fsPath), said.map(columnOf), linksOf(located.flat()));
  await showAnswerPage(`${basename(file.fsPath)} on kernels`, page, context);
}

/** What several kernels say alike stands once on its line. */
function withoutRepeats(all: readonly Located[]): readonly Located[] {
  const alike = new Map<string, readonly Located[]>();
  for (const one of all) {
    const key = `${one.uri.toString()} ${one.range.start.line} ${one.answer.said}`;
    alike.set(key, [...(alike.get(key) ?? []), one]);
  }
  return [...alike.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ ...first, kernel: [first, ...others].map(({ kernel }) => kernel).join(", ") }],
  );
}
