/** For the rules about targets: which lack what a call needs, and how to ask the kernel before it is made. */

import { indentationAt, insertAt, insertInclude } from "../edits.ts";
import type { ProgramMeaning } from "../knowledge/loaders.ts";
import { classifySection } from "../knowledge/sections.ts";
import { allowancesFor, type Feature, type ProgramKind, supports } from "../knowledge/supports.ts";
import type { Target } from "../knowledge/target.ts";
import type { BpfModel, Call, Program } from "../model.ts";
import type { Fix, RuleContext, Severity } from "../rule.ts";
import { type TextEdit, withoutComments } from "../text.ts";
import { perModel } from "./per-model.ts";
import { mayBeLeftOut, type Run, runsOf } from "./runs.ts";
import { type Lack, lacking } from "./verdicts.ts";

export interface Missing {
  readonly lacks: readonly Lack[];
  /** Where it is not certain that a kernel is ever shown the call. */
  readonly severity?: Severity;
}

/** Undefined where every target may have it, or the call may never get there. */
function missingFor(call: Call, lacks: readonly Lack[], ctx: RuleContext): Missing | undefined {
  if (lacks.length === 0) return undefined;
  const runs = runsOf(call, ctx);
  const relevant = lacks.flatMap(({ targets, reason }) => {
    const able = targets.filter(
      (target) => runs.length === 0 || runs.some((run) => targetsFor(run, ctx).includes(target)),
    );
    return able.length === 0 ? [] : [{ targets: able, reason }];
  });
  if (relevant.length === 0 || !isReached(call, runs, ctx) || mayBeLeftOut(call, ctx.model)) return undefined;
  const severity = severityFor(runs, ctx);
  return { lacks: relevant, ...(severity && { severity }) };
}

/** Undefined where nothing says that user space may load other programs in the place of these. */
function severityFor(runs: readonly Run[], ctx: RuleContext): Severity | undefined {
  const chosen = runs.map(({ program }) =>
    program.section.name?.startsWith("?") === true ? "likely" : standIn(program, runs, ctx),
  );
  if (chosen.every((choice) => choice === "likely")) return "info";
  return chosen.includes("no") ? undefined : "warning";
}

/** Whether another program stands at the same place and does without: user space loads the one or the other. */
function standIn(program: Program, runs: readonly Run[], { model }: RuleContext): "likely" | "perhaps" | "no" {
  const tail = tailOf(program);
  const others = model.programs.filter((one) => tailOf(one) === tail && !runs.some((run) => run.program === one));
  if (tail === "" || others.length === 0) return "no";
  return WHOLE.test(tail) ? "perhaps" : "likely";
}

/** Sections that name no target, because there is nothing to choose. */
const WHOLE =
  /^(?:xdp|tc|tcx|netkit|netfilter|cgroup|sk_|sock|lwt_|flow_|lirc_|action|classifier|syscall|struct_ops|perf_event)/;

/** The function or tracepoint at which a program stands; empty where the section leaves that open. */
export function tailOf({ section }: Program): string {
  const name = section.name?.replace(/^\?/, "") ?? "";
  return WHOLE.test(name) ? name : (name.split("/").slice(1).join("/").split("/").at(-1) ?? "");
}

/** As `missingFor`, for what has a name. */
export function lackedBy(call: Call, feature: Feature, ctx: RuleContext): Missing | undefined {
  return ctx.targets.length === 0 ? undefined : missingFor(call, lacking(feature, ctx), ctx);
}

/** A kernel that knows such programs at all lets them call it. */
const EVERYBODYS = "bpf_map_lookup_elem";

/** Whether the base knows what such programs may do: of operations that a module brings, or an attach type to come, it does not. */
export function isKnownKind(kind: ProgramKind, { kb }: Pick<RuleContext, "kb">): boolean {
  return allowancesFor(kb.helper(EVERYBODYS)?.allowed ?? [], kind).length > 0;
}

/** The targets that have such programs. What a kernel has no program type for it never verifies: that is another rule's matter. */
export function targetsFor(program: ProgramMeaning, ctx: RuleContext): readonly Target[] {
  const { progType, attachType, structOps } = program.kind;
  const key = `${program.word} ${progType} ${attachType} ${structOps}`;
  const known = ableTargets(ctx);
  const found = known.get(key) ?? ctx.targets.filter((target) => knows(target, program, ctx));
  known.set(key, found);
  return found;
}

const ableTargets = perModel(["kb", "loader", "targets"], () => new Map<string, readonly Target[]>());

function knows(target: Target, program: ProgramMeaning, ctx: RuleContext): boolean {
  if (programGap(program, { ...ctx, targets: [target] }) !== undefined) return false;
  const asked: Feature = { kind: "helper", name: EVERYBODYS, program: program.kind };
  return !isKnownKind(program.kind, ctx) || supports(target, asked, ctx.kb, ctx.loader).answer !== "no";
}

/** Which targets have no programs of a kind, for one reason. */
export interface ProgramGap {
  readonly lacks: readonly Lack[];
  /** Such a program is verified all the same, it only cannot be attached. */
  readonly loads: boolean;
}

export function programGap(
  { kind, word }: Omit<ProgramMeaning, "sleepable">,
  ctx: RuleContext,
): ProgramGap | undefined {
  const { types, attach } = programFeatures({ kind, word }, ctx);
  const lacks = types.flatMap((feature) => lacking(feature, ctx));
  if (lacks.length > 0) return { lacks: lacks.slice(0, 1), loads: false };
  if (attach === undefined) return undefined;
  const unattached = lacking(attach, ctx);
  return unattached.length === 0 ? undefined : { lacks: unattached, loads: !isAskedAtLoad(kind) };
}

/** What a kernel must have for programs of a kind. */
export interface ProgramFeatures {
  /** The type, and the structure of operations. */
  readonly types: readonly Feature[];
  /** How they are attached; undefined where a kernel need not know. */
  readonly attach: Feature | undefined;
}

export function programFeatures(
  { kind, word }: Omit<ProgramMeaning, "sleepable">,
  ctx: Pick<RuleContext, "kb">,
): ProgramFeatures {
  const { progType, attachType, structOps } = kind;
  const type: Feature = { kind: "program-type", name: progType };
  const operations: Feature = { kind: "helper", name: EVERYBODYS, program: kind };
  // tc(8) attaches what it finds in tc/… on any kernel; the attach type is for those that can do without.
  const isAsked = attachType !== undefined && !UNASKED.has(attachType) && !word.startsWith("tc/");
  return {
    types: structOps === undefined || !isKnownKind(kind, ctx) ? [type] : [type, operations],
    attach: isAsked ? { kind: "attach-type", name: attachType } : undefined,
  };
}

/** The flag with which a loader hands such a program over. */
export function flagOfSection(section: string, { kb }: Pick<RuleContext, "kb">): Feature | undefined {
  const fact = classifySection(section, kb)?.fact;
  const name = fact?.frags ? "BPF_F_XDP_HAS_FRAGS" : fact?.sleepable ? "BPF_F_SLEEPABLE" : undefined;
  return name === undefined ? undefined : { kind: "flag", name };
}

/** Whether a kernel looks at the attach type when it loads such a program. */
export function isAskedAtLoad({ progType }: ProgramKind): boolean {
  return ASKED_AT_LOAD.has(progType);
}

/**
 * Types whose attach type bpf_prog_load_check_attach_type() and check_attach_btf_id() of linux:kernel/bpf look at. For
 * others a kernel takes any when it loads a program.
 */
const ASKED_AT_LOAD: ReadonlySet<string> = new Set(
  ["TRACING", "LSM", "CGROUP_SOCK", "CGROUP_SOCK_ADDR", "CGROUP_SKB", "CGROUP_SOCKOPT"].map(
    (name) => `BPF_PROG_TYPE_${name}`,
  ),
);
/** Names that came later for what the program type did before. */
const UNASKED: ReadonlySet<string> = new Set(["BPF_XDP", "BPF_SK_REUSEPORT_SELECT", "BPF_SK_SKB_VERDICT"]);

/** Nothing is known of who runs a function in a file without programs; elsewhere one that nobody runs is left out. */
function isReached(call: Call, runs: readonly Run[], { model }: RuleContext): boolean {
  if (runs.length > 0) return runs.some(({ asks }) => asks !== "flag");
  return call.in?.section !== undefined || model.programs.length === 0;
}

/** Loaders that decide such questions when they load. */
const ASKING_LOADERS: ReadonlySet<string> = new Set([
  "libbpf",
  "libbpfgo",
  "eunomia-bpf",
  "cilium/ebpf",
  "ebpf-manager",
  "aya",
]);

/** `if (…)` before a call that is a statement by itself; undefined where it is part of one. */
export function guardFix(
  call: Call,
  condition: string,
  header: string,
  ctx: RuleContext,
  also: readonly TextEdit[] = [],
): Fix | undefined {
  const { model, loader } = ctx;
  if (!ASKING_LOADERS.has(loader) || !isStatement(call, model)) return undefined;
  const { start } = call.range;
  const guard = insertAt(start, `if (${condition})\n${indentationAt(start, model)}\t`);
  const included = model.includes.some(({ path }) => path.endsWith(header.replace(/^.*\//, "")));
  // What has no includes at all is a piece of something.
  const include = included || model.includes.length === 0 ? [] : [insertInclude(header, model)];
  return { title: `Ask the kernel before ${call.name}()`, edits: [...include, ...also, guard] };
}

/** Whether a call fills a statement between others: what it gives back nobody looks at. */
export function isStatement({ range, closed, in: fn }: Call, { code }: BpfModel): boolean {
  if (!closed || fn === undefined) return false;
  const line = code.lines.textOf(range.start.line).slice(0, range.start.character);
  if (line.trim() !== "") return false;
  const before = withoutComments(code.textOf({ start: fn.range.start, end: range.start })).trimEnd();
  const after = code.lines.textOf(range.end.line).slice(range.end.character);
  return /[;{}]$/.test(before) && /^\s*;/.test(after);
}
