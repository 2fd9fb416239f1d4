/** The lowest kernel that has all that a file's programs need, with the reasons and what would lower it. */

import { tailOf } from "../for-rules/on-targets.ts";
import { perModel } from "../for-rules/per-model.ts";
import { knownPrograms } from "../for-rules/runs.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import { classifySection } from "../knowledge/sections.ts";
import type { BpfModel, Program } from "../model.ts";
import type { Range } from "../text.ts";
import { callBtfNeeds, callNeeds } from "./call-needs.ts";
import { codeNeeds } from "./code-needs.ts";
import { loweredOf } from "./lowered.ts";
import { mapNeeds } from "./map-needs.ts";
import type { Asked, BtfNeed, Need } from "./need.ts";
import { programBtfNeeds, programNeeds } from "./program-needs.ts";
import { type Reason, reasonsOf, sinceOfNeed } from "./reasons.ts";
import { highest, type Since } from "./since.ts";

export interface Releases {
  /** The release from which on kernels have everything: "5.8". Undefined where no release has, or where nothing is asked. */
  readonly release: string | undefined;
  /** An older one that may do: nobody has read the releases in between. */
  readonly perhaps?: string;
  /** The first release that lacks something again. */
  readonly until?: string;
}

/** What is worked out for a program, and for a file. */
export interface Minimum extends Releases {
  /** The highest first, those without any release before them. */
  readonly reasons: readonly Reason[];
  /** What would have to go for an older kernel to do, step by step. */
  readonly lowered: readonly Lowered[];
  /** What asks for the kernel's description of its types, at the first place that does. */
  readonly btf: { readonly what: string; readonly range: Range } | undefined;
}

export interface Lowered {
  readonly release: string;
  /** All that has to go, with what the steps before took out. */
  readonly without: readonly Pick<Reason, "what" | "range">[];
  /** Another program stands at the same place, so that user space can load the one or the other. */
  readonly isChoice?: true;
}

export interface ProgramMinimum extends Minimum {
  readonly name: string;
  readonly section: string;
  /** That of its name. */
  readonly range: Range;
  /** False behind `?`: it is loaded only when asked for, and so does not count for the file. */
  readonly autoload: boolean;
}

export interface FileMinimum extends Minimum {
  /** Of all whose section says what they are. */
  readonly programs: readonly ProgramMinimum[];
  /** What is asked for before it is used, so that kernels without it may do. */
  readonly asked: readonly Reason[];
  /** Programs of which nothing tells what they are. */
  readonly unknown: readonly string[];
}

/** @param loader as the setting `hookpoint.loader` */
export function minimumOf(model: BpfModel, kb: KnowledgeBase, loader: string): FileMinimum {
  return minimumIn({ model, kb, loader });
}

/**
 * The releases alone, of each program whose section says what it is. Lenses tell no more, and are asked for after every key;
 * the reasons and what would lower them take several times as long.
 */
export const releasesOf = perModel(["kb", "loader"], (asked): ReadonlyMap<Program, Releases> => {
  const { known, needsOf } = neededIn(asked);
  return new Map(
    known.map((program) => {
      const needs = needsOf.get(program) ?? [];
      return [program, summed(new Set(needs.flatMap((need) => sinceOfNeed(need, asked) ?? [])))];
    }),
  );
});

const neededIn = perModel(["kb", "loader"], (asked) => {
  const needs = [...programNeeds(asked), ...callNeeds(asked), ...mapNeeds(asked), ...codeNeeds(asked)];
  const certain = needs.filter(({ isLeftOut }) => isLeftOut !== true);
  const known = knownPrograms(asked).map(({ program }) => program);
  return { needs, certain, known, needsOf: byProgram(certain) };
});

const minimumIn = perModel(["kb", "loader"], (asked): FileMinimum => {
  const { needs, certain, known, needsOf } = neededIn(asked);
  const btf = [...programBtfNeeds(asked), ...callBtfNeeds(asked)];
  const programs = known.map((program) => programMinimum(program, needsOf.get(program) ?? [], btf, asked));
  const loaded = known.filter(({ section }) => isLoaded(section.name, asked));
  const inFile = needsIn(certain, loaded);
  const releases = new Map(known.map((program, n) => [program, programs[n]?.release]));
  const reasons = reasonsOf(inFile, asked);
  return {
    ...summed(reasons),
    reasons,
    lowered: [...choicesIn(loaded, (program) => releases.get(program), certain, asked), ...loweredOf(inFile, asked)],
    btf: btf.find((need) => need.programs.some((program) => loaded.includes(program))),
    programs,
    asked: askedFor(needs, certain, asked),
    unknown: asked.model.programs.filter((program) => !known.includes(program)).map(({ name }) => name),
  };
});

function programMinimum(program: Program, own: readonly Need[], btf: readonly BtfNeed[], asked: Asked): ProgramMinimum {
  const reasons = reasonsOf(own, asked);
  return {
    name: program.name,
    section: program.section.name ?? "",
    range: program.nameRange,
    autoload: isLoaded(program.section.name, asked),
    ...summed(reasons),
    reasons,
    lowered: loweredOf(own, asked),
    btf: btf.find(({ programs }) => programs.includes(program)),
  };
}

function byProgram(needs: readonly Need[]): ReadonlyMap<Program, readonly Need[]> {
  const found = new Map<Program, Need[]>();
  for (const need of needs) {
    for (const program of need.programs) {
      const own = found.get(program);
      if (own === undefined) found.set(program, [need]);
      else own.push(need);
    }
  }
  return found;
}

function isLoaded(section: string | undefined, { kb }: Asked): boolean {
  return section === undefined || classifySection(section, kb)?.autoload !== false;
}

function needsIn(needs: readonly Need[], loaded: readonly Program[]): readonly Need[] {
  return needs.filter(({ programs, ofFile }) => ofFile || programs.some((program) => loaded.includes(program)));
}

function summed(sinces: Iterable<Since>): Releases {
  const all = [...sinces];
  const release = highest(all.map(({ since }) => since));
  const perhaps = highest(all.map(({ since, maybe }) => maybe ?? since));
  const ends = all.flatMap(({ until }) => until ?? []);
  // The first end counts, which is the highest of what is turned around.
  const until = ends.find((end) => ends.every((other) => highest([end, other]) === other));
  return {
    release,
    ...(perhaps !== release && perhaps !== undefined && { perhaps }),
    ...(until !== undefined && { until }),
  };
}

/** Of programs at one place, such as a kprobe and an fentry program, user space may load the one with the lower minimum. */
function choicesIn(
  loaded: readonly Program[],
  releaseOf: (program: Program) => string | undefined,
  needs: readonly Need[],
  asked: Asked,
): Minimum["lowered"] {
  const places = new Map<string, Program[]>();
  for (const program of loaded) places.set(tailOf(program), [...(places.get(tailOf(program)) ?? []), program]);
  places.delete("");
  const dropped = [...places.values()].flatMap((beside) => {
    const lowest = beside.map(releaseOf).reduce((a, b) => (highest([a, b]) === a ? b : a));
    return beside.filter((program) => releaseOf(program) !== lowest && isOther(program, beside));
  });
  if (dropped.length === 0) return [];
  const kept = loaded.filter((program) => !dropped.includes(program));
  const before = highest(reasonsOf(needsIn(needs, loaded), asked).map(({ since }) => since));
  const release = highest(reasonsOf(needsIn(needs, kept), asked).map(({ since }) => since));
  if (release === undefined || release === before) return [];
  const without = dropped.map(({ name, nameRange }) => ({ what: `program ${name}`, range: nameRange }));
  return [{ release, without, isChoice: true }];
}

/** Whether another section stands at the same place: two of one section are loaded both. */
function isOther(program: Program, beside: readonly Program[]): boolean {
  return beside.some(({ section }) => section.name !== program.section.name);
}

/** What no part of the file needs without asking first. */
function askedFor(needs: readonly Need[], certain: readonly Need[], asked: Asked): readonly Reason[] {
  const needed = new Set(certain.map(({ what }) => what));
  return reasonsOf(
    needs.filter(({ isLeftOut, what }) => isLeftOut === true && !needed.has(what)),
    asked,
  );
}
