/** Finds the place of each answer in the person's files; what has none goes to its program, or to the top of the file. */

import * as vscode from "vscode";
import type { Description } from "../../../server/src/protocol.ts";
import type { Answer, LoadAnswer, ProgramAnswer } from "../../../server/src/toolchain/verifier-view.ts";
import type { Session } from "../session-options.ts";
import type { Edits } from "./edits.ts";
import { type FindFile, locationOf } from "./places.ts";
import type { Located, LocatedChapter } from "./problems.ts";
import { askModel, type ProgramPlace, programsIn } from "./programs.ts";

export interface About {
  /** "Linux 6.18.44 on this machine" */
  readonly kernel: string | undefined;
  /** What was verified: what has no place at all is shown there. Undefined for a log from anywhere. */
  readonly source: vscode.Uri | undefined;
  readonly find: FindFile;
  readonly edits: Edits;
  readonly session: () => Promise<Session>;
}

export async function locate({ programs, answers }: LoadAnswer, about: About): Promise<readonly Located[]> {
  const all: readonly { readonly answer: Answer; readonly program: ProgramAnswer | undefined }[] = [
    ...answers.map((answer) => ({ answer, program: undefined })),
    ...programs.flatMap((program) => program.answers.map((answer) => ({ answer, program }))),
  ];
  if (all.length === 0) return [];
  // Of the text as it is now.
  const places = programsIn(await modelOf(about));
  const located = all.map(async ({ answer, program }) => {
    const at =
      (answer.place && (await locationOf(answer.place, about.find, about.edits))) ??
      placeOfProgram(program?.name, about, places);
    if (at === undefined) return [];
    const story = await Promise.all(answer.story.map((chapter) => chapterOf(chapter, about)));
    const own = places.find(({ name }) => name === program?.name)?.range;
    const lines = own && { from: own.start.line + 1, to: own.end.line + 1 };
    return [{ answer, program, kernel: about.kernel, uri: at.uri, range: at.range, story: story.flat(), lines }];
  });
  return (await Promise.all(located)).flat();
}

async function chapterOf(
  { place, text }: Answer["story"][number],
  { find, edits }: About,
): Promise<readonly LocatedChapter[]> {
  const at = await locationOf(place, find, edits);
  return at === undefined ? [] : [{ place, text, uri: at.uri, range: at.range }];
}

async function modelOf({ source, session }: About): Promise<Description | null> {
  if (source === undefined || !source.path.endsWith(".c")) return null;
  return session()
    .then((ready) => askModel(source, ready))
    .catch(() => null);
}

/** The line that names it; the file's first without a name. */
function placeOfProgram(
  name: string | undefined,
  { source }: About,
  places: readonly ProgramPlace[],
): vscode.Location | undefined {
  if (source === undefined) return undefined;
  const place = places.find((one) => one.name === name);
  if (place === undefined) return new vscode.Location(source, new vscode.Range(0, 0, 0, 0));
  const { line, character } = place.range.start;
  return new vscode.Location(source, new vscode.Range(line, character, line, Number.MAX_SAFE_INTEGER));
}
