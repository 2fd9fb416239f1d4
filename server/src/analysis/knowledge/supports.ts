/** Whether a target has a feature: yes, no with the reason, or unknown. Never a guess. */

import { rememberedFor } from "../remember.ts";
import type { KnowledgeBase } from "./knowledge-base.ts";
import { compareReleases, parseRelease, type Release, type Target } from "./target.ts";
import type { Allowance, DistributionFact, FieldAccess, Interval } from "./types.ts";

export type FeatureKind =
  | "helper"
  | "kfunc"
  | "map-type"
  | "program-type"
  | "attach-type"
  | "link-type"
  | "command"
  | "flag"
  | "ability";

export interface Feature {
  readonly kind: FeatureKind;
  readonly name: string;
  /** For a helper or kfunc: in which program. */
  readonly program?: ProgramKind;
}

export interface ProgramKind {
  readonly progType: string;
  readonly attachType?: string | undefined;
  /** The structure of operations it implements. */
  readonly structOps?: string | undefined;
}

export interface Verdict {
  readonly answer: "yes" | "no" | "unknown";
  /** In words: "first in 5.8". */
  readonly reason: string;
  /** Only under a licence compatible with the GPL. */
  readonly gpl?: true;
  /** Only in a program that may sleep. */
  readonly sleepable?: true;
}

/** What a replacement of a program may do is up to the program it replaces, which nobody knows here. */
export const REPLACEMENT = "BPF_PROG_TYPE_EXT";

/** Loaders that put an older helper in the place of a newer one where the kernel lacks it. */
const REWRITING_LOADERS = new Set(["libbpf", "libbpfgo", "cilium/ebpf"]);
const REWRITES: ReadonlyMap<string, string> = new Map([
  ["bpf_probe_read_kernel", "bpf_probe_read"],
  ["bpf_probe_read_user", "bpf_probe_read"],
  ["bpf_probe_read_kernel_str", "bpf_probe_read_str"],
  ["bpf_probe_read_user_str", "bpf_probe_read_str"],
]);

/** The older helper that some loaders put in the place of a newer one. */
export function olderHelper(name: string): string | undefined {
  return REWRITES.get(name);
}

export function supports(target: Target, feature: Feature, kb: KnowledgeBase, loader = "libbpf"): Verdict {
  const verdict = judge(target, feature, kb);
  const older = olderHelper(feature.name);
  if (verdict.answer === "yes" || older === undefined || !REWRITING_LOADERS.has(loader)) return verdict;
  const instead = judge(target, { ...feature, name: older }, kb);
  // Where nobody knows of the newer one, either of them will do.
  const where = verdict.answer === "no" ? "there" : "if it is not there";
  if (instead.answer === "yes") return { ...instead, reason: `${loader} turns it into ${older}() ${where}` };
  return instead.answer === "unknown" ? instead : verdict;
}

function judge(target: Target, asked: Feature, kb: KnowledgeBase): Verdict {
  if (asked.kind === "ability") return abilityVerdict(target, asked.name, kb);
  const feature = asked.program?.progType === REPLACEMENT ? { kind: asked.kind, name: asked.name } : asked;
  const seen = target.profile && bySight(target, feature);
  if (seen !== undefined) return seen;
  const intervals = intervalsOf(feature, kb);
  if (intervals === undefined) return { answer: "unknown", reason: `${feature.name} is not known` };
  if (intervals.length === 0) return { answer: "no", reason: neverReason(feature) };
  if (target.release === undefined) return { answer: "unknown", reason: "the kernel's release is not known" };
  const plain = byRelease(target.release, intervals);
  return target.distribution === undefined ? plain : byDistribution(target.distribution, feature, plain, intervals, kb);
}

function abilityVerdict(target: Target, name: string, kb: KnowledgeBase): Verdict {
  const fact = kb.ability(name);
  return fact === undefined ? { answer: "unknown", reason: `${name} is not known` } : verdictSince(target, fact.since);
}

/**
 * Of something that came with a release and has no name that a kernel, or the maker of a distribution, could list: an older
 * kernel lacks it for certain only where nothing was brought back.
 */
export function verdictSince({ release, distribution, profile }: Target, since: string): Verdict {
  if (release === undefined) return { answer: "unknown", reason: "the kernel's release is not known" };
  const plain = byRelease(release, [{ since }]);
  if (plain.answer !== "no") return plain;
  const { title, bpfRebase, backportsKnown } = distribution ?? {};
  const rebase = bpfRebase === undefined ? undefined : parseRelease(bpfRebase);
  if (rebase !== undefined && byRelease(rebase, [{ since }]).answer === "yes")
    return { answer: "yes", reason: `${title} has the BPF of Linux ${bpfRebase}, by its maker's word` };
  const isPlain = profile === undefined && (backportsKnown ?? "none") === "none";
  return isPlain
    ? plain
    : {
        answer: "unknown",
        reason: `${plain.reason}; whether ${title ?? "this kernel"} brought that back is not known`,
      };
}

/** When a feature was there; empty for never, undefined for a name we do not know. */
function intervalsOf({ kind, name, program }: Feature, kb: KnowledgeBase): readonly Interval[] | undefined {
  if (kind === "helper" || kind === "kfunc") {
    const fact = kind === "helper" ? kb.helper(name) : kb.kfunc(name);
    if (fact === undefined) return undefined;
    if (program !== undefined) return allowancesFor(fact.allowed, program);
    return fact.since === undefined ? fact.allowed : [{ ...fact, since: fact.since }];
  }
  const fact = kind === "ability" ? kb.ability(name) : kb.enumerator(kind, name);
  if (fact === undefined) return undefined;
  return fact.since === undefined ? [] : [{ since: fact.since }];
}

/** Those that hold for a program. */
export function allowancesFor<Part extends Allowance | FieldAccess>(
  parts: readonly Part[],
  program: ProgramKind,
): readonly Part[] {
  const detail = program.structOps ?? program.attachType;
  const label = detail === undefined ? program.progType : `${program.progType}/${detail}`;
  // The answer has the kind of parts that were asked about.
  return allowancesNamed(label, parts) as unknown as readonly Part[];
}

/** Asked on every key, about the same few helpers and programs. */
const allowancesNamed = rememberedFor((program: string, parts: readonly (Allowance | FieldAccess)[]) => {
  const [type = "", detail] = program.replace("BPF_PROG_TYPE_", "").split("/");
  const precise = detail === undefined ? `${type}/plain` : `${type}/${detail}`;
  const fits = (label: string): boolean =>
    label === "*" ||
    label === type ||
    label === precise ||
    // An attach type that makes no difference there, and a structure nobody named.
    (detail === undefined && label.startsWith(`${type}/`) && !PLAIN_TYPES.has(type));
  return parts.filter((part) => part.in.some(fits));
});

/** Types of which most programs have no attach type. */
const PLAIN_TYPES = new Set(["KPROBE", "XDP"]);

function byRelease(release: Release, intervals: readonly Interval[]): Verdict {
  const holding = intervals.find((interval) => place(release, interval) === "in");
  if (holding !== undefined) return { answer: "yes", reason: `since ${holding.since}`, ...conditionsOf(holding) };
  const perhaps = intervals.find((interval) => place(release, interval) === "maybe");
  if (perhaps !== undefined)
    return { answer: "unknown", reason: `it came between ${perhaps.maybe} and ${perhaps.since}` };
  const later = intervals.filter((interval) => place(release, interval) === "before");
  const [first] = later.sort((a, b) => (earlier(a.since, b.since) === a.since ? -1 : 1));
  if (first !== undefined) return { answer: "no", reason: firstReason(first) };
  const last = intervals.map(({ until }) => until ?? "").reduce((a, b) => (earlier(a, b) === a ? b : a));
  return { answer: "no", reason: `no longer from ${last} on` };
}

/** Of something that has no name in the base: whether a plain release lies within. */
export function verdictBetween(release: Release, intervals: readonly Interval[]): Verdict {
  return byRelease(release, intervals);
}

function firstReason({ since, maybe }: Interval): string {
  return maybe === undefined ? `first in ${since}` : `first in ${since}, perhaps in ${maybe}`;
}

function place(release: Release, { since, maybe, until }: Interval): "in" | "maybe" | "before" | "after" {
  const reached = (version: string): boolean => {
    const other = parseRelease(version);
    return other !== undefined && compareReleases(release, other) >= 0;
  };
  if (until !== undefined && reached(until)) return "after";
  if (reached(since)) return "in";
  return maybe !== undefined && reached(maybe) ? "maybe" : "before";
}

function conditionsOf(interval: Interval): Pick<Verdict, "gpl" | "sleepable"> {
  const { gpl, sleepable } = interval as Partial<Allowance>;
  return { ...(gpl && { gpl }), ...(sleepable && { sleepable }) };
}

function earlier(a: string, b: string): string {
  const [left, right] = [parseRelease(a), parseRelease(b)];
  if (left === undefined || right === undefined) return left === undefined ? b : a;
  return compareReleases(left, right) <= 0 ? a : b;
}

/** A distribution's kernel has what its release has, less what it was built without, and what was brought back to it. */
function byDistribution(
  distribution: DistributionFact,
  feature: Feature,
  plain: Verdict,
  intervals: readonly Interval[],
  kb: KnowledgeBase,
): Verdict {
  const { title, backports = [], backportsKnown, missing = [], knownFeatures = [], bpfRebase } = distribution;
  if (missing.includes(feature.name)) return { answer: "no", reason: `${title} is built without it` };
  const tried = knownFeatures.find((known) => known.feature === feature.name);
  if (tried !== undefined && plain.answer !== "yes")
    return {
      answer: tried.works ? "yes" : "no",
      reason: `${tried.works ? "works" : "fails"} on ${title}, as somebody found`,
    };
  if (plain.answer === "yes") return plain;
  if (backports.includes(feature.name)) return backported(feature, intervals, title, kb);
  const rebase = bpfRebase === undefined ? undefined : parseRelease(bpfRebase);
  const rebased = rebase && byRelease(rebase, intervals);
  if (rebased?.answer === "yes")
    return { ...rebased, reason: `${title} has the BPF of Linux ${bpfRebase}, by its maker's word` };
  if (plain.answer === "unknown" || backportsKnown === "all" || backportsKnown === "none") {
    // The list has names, not which program may use what was there before.
    const wasThere =
      feature.program !== undefined && existsOn(distribution, { kind: feature.kind, name: feature.name }, kb);
    if (backportsKnown === "all" && wasThere)
      return { answer: "unknown", reason: `${plain.reason}; whether ${title} brought that back is not known` };
    return plain;
  }
  return { answer: "unknown", reason: `${plain.reason}; what ${title} brought back is not known` };
}

function existsOn({ kernel }: DistributionFact, feature: Feature, kb: KnowledgeBase): boolean {
  const release = parseRelease(kernel);
  const intervals = intervalsOf(feature, kb);
  return release !== undefined && intervals !== undefined && byRelease(release, intervals).answer !== "no";
}

/** A helper comes with the programs it was made for; which others may call it by then the list does not say. */
function backported(feature: Feature, intervals: readonly Interval[], title: string, kb: KnowledgeBase): Verdict {
  const since = feature.kind === "helper" ? kb.helper(feature.name)?.since : undefined;
  const [first] = intervals;
  const together =
    feature.program === undefined || since === undefined || intervals.some((one) => (one.maybe ?? one.since) === since);
  return together
    ? { answer: "yes", reason: `${title} has it as a backport`, ...(first && conditionsOf(first)) }
    : { answer: "unknown", reason: `${title} has it as a backport, for which programs is not known` };
}

/** What the kernel itself says; undefined where it says nothing about this. */
function bySight({ profile }: Target, { kind, name, program }: Feature): Verdict | undefined {
  const verdict = (there: boolean, how: string): Verdict => ({
    answer: there ? "yes" : "no",
    reason: there ? `${how} has it` : `${how} does not have it`,
  });
  const { probe, names } = profile ?? {};
  if (probe !== undefined) {
    const asked =
      kind === "map-type"
        ? probe.mapTypes.get(name)
        : kind === "program-type"
          ? probe.programTypes.get(name)
          : undefined;
    if (asked !== undefined) return verdict(asked, "the probed kernel");
    if (kind === "helper" && program !== undefined) {
      const callable = probe.helpers.get(program.progType);
      if (callable !== undefined && callable.size > 0)
        return verdict(callable.has(name), "the probed kernel, for such programs,");
    }
    if (kind === "helper" && program === undefined && probe.helpers.size > 0)
      return verdict(
        [...probe.helpers.values()].some((helpers) => helpers.has(name)),
        "the probed kernel",
      );
  }
  // Names say that a thing is known, not which program may use it.
  if (names === undefined) return undefined;
  const known = names.has(kind === "helper" ? name.replace(/^bpf_/, "BPF_FUNC_") : name);
  if (!known) return verdict(false, "this kernel");
  return program === undefined ? verdict(true, "this kernel") : undefined;
}

function neverReason({ kind, name, program }: Feature): string {
  if (program === undefined) return `${name} is in no release yet`;
  return `no kernel lets ${program.progType.replace("BPF_PROG_TYPE_", "")} programs call this ${kind}`;
}
