/** What a kernel's structured block says of where and how, in the shape of our answers. */

import type { Chapter, Place } from "./answer.ts";
import type { BlockPlace } from "./log.ts";

/** Of tests on the way, which it lists all, the last ones are the nearest. */
const MOST_BRANCHES = 4;

/** @param placeOf of an instruction, from the object: only it knows the lines of a block that names none */
export function placeInBlock(
  place: BlockPlace | undefined,
  placeOf: (instruction: number) => Place | undefined,
): Place | undefined {
  if (place === undefined) return undefined;
  const { source, instruction } = place;
  if (source?.line === undefined) return instruction === undefined ? undefined : placeOf(instruction);
  return {
    file: source.file,
    line: source.line,
    ...(source.column === undefined ? {} : { column: source.column }),
    ...(source.text === "" ? {} : { text: source.text }),
    ...(instruction === undefined ? {} : { instruction }),
  };
}

type Event = BlockPlace & { readonly label: string };

export function chaptersOf(
  path: readonly Event[],
  placeOf: (instruction: number) => Place | undefined,
): readonly Chapter[] {
  const branches = path.filter(isBranch).slice(-MOST_BRANCHES);
  return path
    .filter((event) => !isBranch(event) || branches.includes(event))
    .flatMap((event) => {
      const place = placeInBlock(event, placeOf);
      return place === undefined ? [] : [{ place, text: wordsOf(event) }];
    });
}

function isBranch({ label }: Event): boolean {
  return label === "branch";
}

/** `variable offset: known bits 0x0, unknown mask 0x7c, signed range [0, 124], unsigned range [0, 124]`: the range is enough. */
function withoutMasks(value: string): string {
  return value
    .replace(/ known bits 0x[0-9a-f]+, unknown mask 0x[0-9a-f]+[,;]/, "")
    .replace(/signed range \[([^\]]+)\], unsigned range \[\1\]/, "from [$1]")
    .replace(/from \[(-?\d+), (-?\d+)\]/, "between $1 and $2");
}

/** Shorter, where the kernel repeats what was before. */
function wordsOf({ label, note }: Event): string {
  const change = /^(.{1,60}?) changed from .* to (.*)$/.exec(note);
  if (change !== null) return `${change[1]} becomes: ${withoutMasks(change[2] ?? "")}`;
  if (label === "branch")
    return note.endsWith("goto followed") ? "the jump of this test is taken" : "the jump of this test is not taken";
  if (label === "acquired") return `taken here: ${note}`;
  return label === "released" ? `given back here: ${note}` : note || label;
}
