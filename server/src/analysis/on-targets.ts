/** For the rules about targets: which lack what a call needs, and how to ask the kernel before it is made. */

import { indentationAt, insertAt, insertInclude, replace } from "./edits.ts";
import type { Feature, ProgramKind } from "./knowledge/supports.ts";
import type { Target } from "./knowledge/target.ts";
import type { BpfModel, Call, Program } from "./model.ts";
import type { Fix, RuleContext, Severity } from "./rule.ts";
import { mayBeLeftOut, type Run, runsOf } from "./runs.ts";
import type { TextEdit } from "./text.ts";
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
    const able = targets.filter((target) => runs.length === 0 || runs.some((run) => canRun(run, target, ctx)));
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

/** What a kernel has no program type for it never verifies: that is another rule's matter. */
function canRun({ kind }: Run, target: Target, ctx: RuleContext): boolean {
  return programGap(kind, { ...ctx, targets: [target] }) === undefined;
}

/** Which targets have no programs of a kind, for one reason. */
export interface ProgramGap {
  readonly lacks: readonly Lack[];
  /** Such a program is verified all the same, it only cannot be attached. */
  readonly loads: boolean;
}

export function programGap({ progType, attachType, structOps }: ProgramKind, ctx: RuleContext): ProgramGap | undefined {
  const lacks = [
    ...lacking({ kind: "program-type", name: progType }, ctx),
    ...(structOps === undefined ? [] : lackingOperations({ progType, structOps }, ctx)),
  ];
  if (lacks.length > 0) return { lacks: lacks.slice(0, 1), loads: false };
  if (attachType === undefined || UNASKED.has(attachType)) return undefined;
  const unattached = lacking({ kind: "attach-type", name: attachType }, ctx);
  return unattached.length === 0 ? undefined : { lacks: unattached, loads: !ASKED_AT_LOAD.has(progType) };
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

/** Every program may call it, so a kernel that lets none with these operations do so has no such operations. */
const EVERYBODYS = "bpf_map_lookup_elem";

function lackingOperations(program: ProgramKind, ctx: RuleContext): readonly Lack[] {
  const label = `STRUCT_OPS/${program.structOps}`;
  const isKnown = ctx.kb.helper(EVERYBODYS)?.allowed.some((part) => part.in.includes(label)) === true;
  return isKnown ? lacking({ kind: "helper", name: EVERYBODYS, program }, ctx) : [];
}

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
  return { title: `Ask the kernel first: if (${condition})`, edits: [...include, ...also, guard] };
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

/** Good enough for what stands before a statement. */
export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, " ");
}

export function rename({ nameRange }: Call, name: string): Fix {
  return { title: `Replace with ${name}()`, edits: [replace(nameRange, name)] };
}
