/** From which release on kernels have something, by asking the knowledge base about one release after the other. */

import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import {
  type Feature,
  olderHelper,
  type ProgramKind,
  supports,
  type Verdict,
  verdictBetween,
} from "../knowledge/supports.ts";
import { compareReleases, parseRelease, type Release } from "../knowledge/target.ts";
import type { Interval } from "../knowledge/types.ts";
import { rememberedFor, rememberedOf } from "../remember.ts";

/** The last stretch of releases that have it: from there on all do, up to `until` where that is said. */
export interface Since {
  /** The first of them; undefined where no release has it. */
  readonly since: string | undefined;
  /** Releases from here to `since` may have it: nobody has looked. */
  readonly maybe?: string;
  /** The first release that no longer has it. */
  readonly until?: string;
  /** What a loader does about it on old kernels, or why no release has it. */
  readonly remark?: string;
}

/** Something that has no name in the base, with when it was there. */
export interface Came {
  readonly intervals: readonly Interval[];
  /** When the thing that it belongs to came. */
  readonly with: string | undefined;
  readonly source: readonly string[];
}

/** @returns undefined where nothing is known of it */
export function sinceOf(feature: Feature, kb: KnowledgeBase, loader: string): Since | undefined {
  const { kind, name, program } = feature;
  const known = sincesOf(kb);
  const key = `${kind} ${name} ${loader} ${program?.progType} ${program?.attachType} ${program?.structOps}`;
  const before = known.get(key);
  if (before !== undefined || known.has(key)) return before;
  const found = lookedUp(feature, kb, loader);
  known.set(key, found);
  return found;
}

/** Asked for the same few helpers in every file, and for each of their calls. */
const sincesOf = rememberedOf((_: KnowledgeBase) => new Map<string, Since | undefined>());

function lookedUp(feature: Feature, kb: KnowledgeBase, loader: string): Since | undefined {
  const verdicts = releasesOf(kb).map(({ name, release }) => supports({ label: name, release }, feature, kb, loader));
  return lastStretch(verdicts, introductionsOf(feature, kb), kb);
}

export function sinceOfCame({ intervals, with: introduced }: Came, kb: KnowledgeBase): Since | undefined {
  return sinceOfIntervals(JSON.stringify([intervals, introduced ?? null]), kb);
}

const sinceOfIntervals = rememberedFor((key: string, kb: KnowledgeBase): Since | undefined => {
  const [intervals, introduced] = JSON.parse(key) as [Came["intervals"], string | null];
  const verdicts = releasesOf(kb).map(({ release }) => verdictBetween(release, intervals));
  return lastStretch(verdicts, [introduced ?? undefined], kb);
});

interface NamedRelease {
  readonly name: string;
  readonly release: Release;
}

const releasesOf = rememberedOf((kb: KnowledgeBase): readonly NamedRelease[] =>
  kb.facts.kernels.flatMap(({ name }) => {
    const release = parseRelease(name);
    return release === undefined ? [] : [{ name, release }];
  }),
);

function lastStretch(
  verdicts: readonly Verdict[],
  introductions: readonly (string | undefined)[],
  kb: KnowledgeBase,
): Since | undefined {
  const releases = releasesOf(kb);
  const last = verdicts.findLastIndex(({ answer }) => answer === "yes");
  if (last === -1) {
    const isKnown = verdicts.some(({ answer }) => answer === "no");
    return isKnown ? { since: undefined, remark: verdicts.at(-1)?.reason ?? "" } : undefined;
  }
  const first = verdicts.findLastIndex(({ answer }, n) => n < last && answer !== "yes") + 1;
  const lowest = verdicts.findLastIndex(({ answer }, n) => n < first && answer !== "unknown") + 1;
  const until = releases[last + 1]?.name;
  const remark = verdicts[first]?.reason ?? "";
  const [certain, perhaps] = [releases[first]?.name, releases[lowest]?.name];
  // A release that nobody has read: but what came with it came for those it was made for.
  const isTogether = lowest < first && introductions.includes(perhaps);
  return {
    since: isTogether ? perhaps : certain,
    ...(lowest < first && !isTogether && perhaps !== undefined && { maybe: perhaps }),
    ...(until !== undefined && { until }),
    ...(/ turns it into /.test(remark) && { remark }),
  };
}

/** The releases that brought the thing itself, or the programs that want it. */
function introductionsOf({ kind, name, program }: Feature, kb: KnowledgeBase): readonly (string | undefined)[] {
  const own = kind === "helper" ? kb.helper(name) : kind === "kfunc" ? kb.kfunc(name) : undefined;
  const older = kb.helper(olderHelper(name) ?? "");
  return [own?.since, older?.since, ...(program === undefined ? [] : introductionsOfProgram(program, kb))];
}

function introductionsOfProgram(
  { progType, attachType }: ProgramKind,
  kb: KnowledgeBase,
): readonly (string | undefined)[] {
  return [kb.programType(progType)?.since, attachType === undefined ? undefined : kb.attachType(attachType)?.since];
}

/** Undefined, which says that no release has it, is above all. */
export function compareSince(a: string | undefined, b: string | undefined): number {
  const [left, right] = [a, b].map((text) => (text === undefined ? undefined : parseRelease(text)));
  if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
  return compareReleases(left, right);
}

/** Undefined where one of them is, and where there are none. */
export function highest(releases: readonly (string | undefined)[]): string | undefined {
  return [...releases].sort(compareSince).at(-1);
}
