/** Whether the code at the cursor may call a helper or kfunc; if not, the reason in a few words. */

import type { KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import type { ProgramMeaning } from "../../analysis/knowledge/loaders.ts";
import { kindText, meaningsOf } from "../../analysis/knowledge/programs.ts";
import { allowancesFor, type ProgramKind } from "../../analysis/knowledge/supports.ts";
import type { Allowance } from "../../analysis/knowledge/types.ts";
import type { BpfFunction, BpfModel } from "../../analysis/model.ts";
import type { View } from "../card.ts";
import { type Asked, lackedBy, typeWord } from "./item.ts";
import { isGplCompatible } from "./licence.ts";

interface Callable {
  readonly name: string;
  readonly allowed: readonly Allowance[];
}

/** Says what speaks against calling something here; undefined where nothing does. */
export function barsTo(kind: "helper" | "kfunc", asked: Asked): (callable: Callable) => string | undefined {
  const bars = barsOf(asked);
  return (callable) => {
    const known = bars.get(callable);
    if (known !== undefined || bars.has(callable)) return known;
    const bar = barTo(kind, callable, asked);
    bars.set(callable, bar);
    return bar;
  };
}

type Bars = Map<Callable, string | undefined>;

interface Standing {
  readonly kb: KnowledgeBase;
  readonly situation: string;
  readonly bars: Bars;
}

const standings = new WeakMap<View, Standing>();

/** With each key the same hundreds of functions are asked for, by the same programs under the same licence. */
function barsOf({ view, kb, file, programs, sleeps }: Asked): Bars {
  const situation = JSON.stringify([programs, file.model.licence?.text, sleeps()]);
  const before = standings.get(view);
  if (before?.kb === kb && before.situation === situation) return before.bars;
  const bars: Bars = new Map();
  standings.set(view, { kb, situation, bars });
  return bars;
}

function barTo(kind: "helper" | "kfunc", callable: Callable, asked: Asked): string | undefined {
  const { kb, view, file } = asked;
  const programs = knownPrograms(asked);
  const bars = programs.map((program) => barFor(kind, callable, program, asked));
  const found = bars.find((bar) => bar !== undefined);
  if (found !== undefined) return found;
  if (programs.length === 0) return lackedBy([{ kind, name: callable.name }], kb, view);
  const current = programs.map((program) => currentParts(callable, program));
  if (current.some((parts) => all(parts, "sleepable")) && asked.sleeps() === false)
    return "only in programs that may sleep";
  const licence = file.model.licence?.text;
  const closed = licence !== undefined && !isGplCompatible(licence);
  if (closed && current.some((parts) => all(parts, "gpl"))) return "only under a GPL-compatible licence";
  return undefined;
}

/** What an extension replaces decides what it may call, and no file says what that is. */
function knownPrograms({ programs }: Asked): readonly ProgramKind[] {
  return programs.some(({ progType }) => progType === "BPF_PROG_TYPE_EXT") ? [] : programs;
}

function barFor(
  kind: "helper" | "kfunc",
  { name, allowed }: Callable,
  program: ProgramKind,
  { kb, view }: Asked,
): string | undefined {
  const parts = allowancesFor(allowed, program);
  if (parts.length === 0) return `not for ${whoText(allowed, program)} programs`;
  if (view.targets.length > 0) return lackedBy([{ kind, name, program }], kb, view);
  const until = parts.map((part) => part.until);
  return until.includes(undefined) ? undefined : `no longer for ${whoText(allowed, program)} programs`;
}

/** The type will do where no attach type of it makes a difference. */
export function whoText(allowed: readonly Pick<Allowance, "in">[], program: ProgramKind): string {
  const type = typeWord(program.progType);
  const differs = allowed.some((part) => part.in.some((label) => label.startsWith(`${type}/`)));
  return differs ? kindText(program) : type;
}

function currentParts({ allowed }: Callable, program: ProgramKind): readonly Allowance[] {
  return allowancesFor(allowed, program).filter(({ until }) => until === undefined);
}

function all(parts: readonly Allowance[], condition: "gpl" | "sleepable"): boolean {
  return parts.length > 0 && parts.every((part) => part[condition] === true);
}

/** Made when first asked: who calls a function is found by looking at every program. */
export function sleepsIn(
  fn: BpfFunction | undefined,
  model: BpfModel,
  kb: KnowledgeBase,
  loader: string,
): Asked["sleeps"] {
  let known: { readonly answer: boolean | undefined } | undefined;
  return () => {
    known ??= { answer: fn && mayAllSleep(meaningsOf(fn, model, kb, loader)) };
    return known.answer;
  };
}

/** False where a program that runs the code certainly may not sleep; undefined where none is known. */
function mayAllSleep(meanings: readonly ProgramMeaning[]): boolean | undefined {
  return meanings.length === 0 ? undefined : meanings.every(({ sleepable }) => sleepable);
}
