/** Needs with the release that brought what they ask for: the chain of reasons behind a minimum. */

import { perPart } from "../for-rules/per-model.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import type { Feature } from "../knowledge/supports.ts";
import type { Program } from "../model.ts";
import type { Range } from "../text.ts";
import { type Asked, isFeature, type Need } from "./need.ts";
import { type Came, compareSince, type Since, sinceOf, sinceOfCame } from "./since.ts";

export interface Reason extends Since {
  /** "bpf_loop()", "RINGBUF maps", "fentry programs" */
  readonly what: string;
  /** The first place that needs it. */
  readonly range: Range;
  /** How many places do. */
  readonly places: number;
  /** Names of the programs; none for what only the file as a whole needs. */
  readonly programs: readonly string[];
  /** Without it the program would be another one. */
  readonly isProgram?: true;
  readonly asks: Feature | Came;
  /** Where the fact was read. */
  readonly source: readonly string[];
}

/** Undefined where nothing is known of what it asks for. */
export function sinceOfNeed({ asks }: Need, asked: Asked): Since | undefined {
  return sinceOfAsks(asks, asked);
}

const sinceOfAsks = perPart(["kb", "loader"], (asks: Need["asks"], { kb, loader }): Since | undefined =>
  isFeature(asks) ? sinceOf(asks, kb, loader) : sinceOfCame(asks, kb),
);

/** What nothing is known of is left out. */
export function reasonsOf(needs: readonly Need[], asked: Asked): readonly Reason[] {
  const { kb } = asked;
  const groups = new Map<string, Group>();
  for (const need of needs) {
    const since = sinceOfNeed(need, asked);
    if (since === undefined) continue;
    const key = `${need.what} ${since.since}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { since, needs: [need] });
    else group.needs.push(need);
  }
  return [...groups.values()].map((group) => reasonOf(group, kb)).sort(byRelease);
}

/** Needs of one thing, which came in one release. */
interface Group {
  readonly since: Since;
  readonly needs: Need[];
}

function reasonOf({ since, needs }: Group, kb: KnowledgeBase): Reason {
  const first = needs.reduce((a, b) => (startsBefore(b.range, a.range) ? b : a));
  const { what, range, asks, isProgram } = first;
  const places = new Set(needs.map(({ range: { start } }) => `${start.line}:${start.character}`));
  const programs = new Set<Program>();
  for (const need of needs) for (const program of need.programs) programs.add(program);
  return {
    what,
    ...since,
    range,
    places: places.size,
    programs: [...new Set([...programs].map(({ name }) => name))],
    ...(isProgram && { isProgram }),
    asks,
    source: isFeature(asks) ? sourceOf(asks, kb) : asks.source,
  };
}

function sourceOf({ kind, name }: Feature, kb: KnowledgeBase): readonly string[] {
  const fact =
    kind === "helper"
      ? kb.helper(name)
      : kind === "kfunc"
        ? kb.kfunc(name)
        : kind === "ability"
          ? kb.ability(name)
          : kb.enumerator(kind, name);
  return fact?.source ?? [];
}

function byRelease(a: Reason, b: Reason): number {
  return (
    compareSince(b.since, a.since) || Number(startsBefore(b.range, a.range)) - Number(startsBefore(a.range, b.range))
  );
}

function startsBefore({ start: a }: Range, { start: b }: Range): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}
