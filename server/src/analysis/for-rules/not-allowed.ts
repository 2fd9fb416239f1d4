/** For the rules about helpers and kfuncs that a program may not call: which programs, and on which kernels. */

import { replaceCallee } from "../edits.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import type { ProgramMeaning } from "../knowledge/loaders.ts";
import { allowancesFor, type Feature, type ProgramKind, REPLACEMENT, supports } from "../knowledge/supports.ts";
import { parseRelease, type Target } from "../knowledge/target.ts";
import type { Helper, KfuncFact } from "../knowledge/types.ts";
import type { BpfFunction, Program } from "../model.ts";
import { rememberedFor, rememberedOf } from "../remember.ts";
import type { Report, RuleContext } from "../rule.ts";
import { isKnownKind, targetsFor } from "./on-targets.ts";
import { mayBeLeftOut, programsByKind, programsRunning, type Run, runsOf } from "./runs.ts";
import { type Use, usesIn, useText } from "./uses.ts";
import { type Lack, lacking, lackText } from "./verdicts.ts";

type Kind = Use["kind"];
type Fact = Helper | KfuncFact;

/** Calls of what some program that makes them may not call. */
export function* notAllowed(kind: Kind, ctx: RuleContext): Iterable<Report> {
  if (programsByKind(ctx).length === 0) return;
  // Most calls are allowed wherever they are made: that is asked once for each name and each function, not every time.
  const barred = new Map<string, ReadonlySet<Program>>();
  const running = new Map<BpfFunction, ReadonlySet<Program>>();
  for (const use of usesIn(ctx)) {
    const fn = use.call.in;
    const fact = use.kind === kind && fn !== undefined ? factOf(kind, use.name, ctx) : undefined;
    if (fact === undefined || fn === undefined) continue;
    const those = barred.get(use.name) ?? barredPrograms(kind, fact, ctx);
    barred.set(use.name, those);
    if (those.size === 0) continue;
    const these = running.get(fn) ?? programsRunning(fn, ctx.model);
    running.set(fn, these);
    const report = [...these].some((program) => those.has(program)) ? reportOf(use, fact, ctx) : undefined;
    if (report !== undefined) yield report;
  }
}

function factOf(kind: Kind, name: string, { kb }: RuleContext): Fact | undefined {
  return kind === "helper" ? kb.helper(name) : kb.kfunc(name);
}

function barredPrograms(kind: Kind, fact: Fact, ctx: RuleContext): ReadonlySet<Program> {
  const barred = programsByKind(ctx).filter(({ meaning }) => barTo(kind, fact, meaning, ctx) !== undefined);
  return new Set(barred.flatMap(({ programs }) => programs));
}

function reportOf(use: Use, fact: Fact, ctx: RuleContext): Report | undefined {
  const { kind, call, by } = use;
  const runs = runsOf(call, ctx);
  const barred = runs.flatMap((run) => {
    const bar = barTo(kind, fact, run, ctx);
    return bar === undefined ? [] : [{ run, bar: barText(bar), isWarning: typeof bar === "object" && "reason" in bar }];
  });
  // Where some of the programs may call it, a function that asks first may ask which one it is.
  const tolerated = barred.length < runs.length ? "nothing" : "something";
  const certain = barred.filter(({ run: { asks } }) => asks === "nothing" || asks === tolerated);
  const [first] = certain;
  if (first === undefined || mayBeLeftOut(call, ctx.model)) return undefined;
  const alike = certain.filter(({ bar, run }) => bar === first.bar && run.word === first.run.word);
  const others = alike.map(({ run: { program } }) => program).filter((program) => program !== call.in);
  const better = by !== undefined || barred.length < runs.length ? undefined : counterpart(kind, fact, first.run, ctx);
  return {
    range: call.nameRange,
    ...(first.isWarning && { severity: "warning" as const }),
    message: `${first.run.word} programs cannot call ${useText(use)} ${first.bar}${via(others)}${better === undefined ? "" : `; they have ${better.name}()`}`,
    ...(better !== undefined && takesTheSame(better, fact) && { fixes: [replaceCallee(call, better.name)] }),
    related: others.map(({ nameRange, name }) => ({ range: nameRange, message: `${name}() is such a program` })),
  };
}

function via(programs: readonly Program[]): string {
  const names = programs.map(({ name }) => `${name}()`);
  if (names.length === 0) return "";
  if (names.length > 3) return `, and ${names.slice(0, 2).join(", ")} and ${names.length - 2} more run this`;
  const last = names.at(-1);
  return names.length === 1 ? `, and ${last} runs this` : `, and ${names.slice(0, -1).join(", ")} and ${last} run this`;
}

/** Every kernel, the targets that say no, or where none is named every kernel with longterm support: "before 7.0". */
type Bar = "any kernel" | { readonly reason: string } | readonly Lack[];

function barText(bar: Bar): string {
  if (typeof bar === "object" && "reason" in bar) return bar.reason;
  return `on ${bar === "any kernel" ? bar : lackText(bar)}`;
}

/** Undefined where nothing speaks against it. With every key the same is asked of the same few. */
function barTo(kind: Kind, fact: Fact, meaning: ProgramMeaning, ctx: RuleContext): Bar | undefined {
  const { progType, attachType, structOps } = meaning.kind;
  const known = barsKnown(ctx.kb)(ctx.targets);
  const asked = `${ctx.loader} ${kind} ${fact.name} ${meaning.word} ${progType} ${attachType} ${structOps}`;
  let bar = known.get(asked);
  if (bar === undefined && !known.has(asked)) {
    bar = readBar(kind, fact, meaning, ctx);
    if (known.size >= MOST_BARS) known.clear();
    known.set(asked, bar);
  }
  return bar;
}

const MOST_BARS = 2000;
const barsKnown = rememberedOf((_kb: KnowledgeBase) =>
  rememberedOf((_targets: readonly Target[]) => new Map<string, Bar | undefined>()),
);

function readBar(kind: Kind, fact: Fact, meaning: ProgramMeaning, ctx: RuleContext): Bar | undefined {
  const { kind: program } = meaning;
  // What a replacement may do the replaced program decides.
  if (program.progType === REPLACEMENT || (kind === "helper" && decidesByItself(fact.name, program))) return undefined;
  if (!isKnownKind(program, ctx)) return undefined;
  if (allowancesFor(fact.allowed, program).length === 0) return "any kernel";
  const { name } = fact;
  if (ctx.targets.length === 0) return barOfLongterm({ kind, name, program }, ctx);
  const lacks = lacking({ kind, name, program }, { ...ctx, targets: targetsFor(meaning, ctx) });
  // Kernels that lack it altogether are another rule's business.
  const barred = lacks.flatMap(({ targets, reason }) => {
    const having = targets.filter((target) => supports(target, { kind, name }, ctx.kb, ctx.loader).answer !== "no");
    return having.length === 0 ? [] : [{ targets: having, reason }];
  });
  return barred.length === 0 ? undefined : barred;
}

/**
 * Most people run kernels with longterm support. What those have, and let none of these programs call, a newer kernel has
 * just opened or some in between had by mistake.
 */
function barOfLongterm({ kind, name, program }: Feature, { kb, loader }: RuleContext): Bar | undefined {
  const { progType = "", attachType = "", structOps = "" } = program ?? {};
  return longtermBar(`${kind} ${name} ${loader} ${progType} ${attachType} ${structOps}`, kb).bar;
}

/** Asked on every key, about the same few calls and programs. */
const longtermBar = rememberedFor((asked: string, kb: KnowledgeBase): { readonly bar: Bar | undefined } => {
  const [kind = "", name = "", loader, progType = "", attachType, structOps] = asked.split(" ");
  const feature = { kind: kind as Kind, name };
  const program = { progType, attachType: attachType || undefined, structOps: structOps || undefined };
  const verdictOn = (target: Target) => supports(target, { ...feature, program }, kb, loader);
  const newest = longterm(kb).at(-1);
  const verdict = newest && verdictOn(newest);
  // Most calls are allowed there.
  if (verdict?.answer !== "no") return { bar: undefined };
  const having = longterm(kb).filter((target) => supports(target, feature, kb, loader).answer === "yes");
  if (having.length === 0 || having.some((target) => verdictOn(target).answer !== "no")) return { bar: undefined };
  const [, word, release] = /^(first in|no longer from) ([\d.]+)/.exec(verdict.reason) ?? [];
  if (release === undefined) return { bar: undefined };
  return { bar: { reason: word === "first in" ? `before ${release}` : `from ${release} on` } };
});

const longterm = rememberedOf((kb: KnowledgeBase): readonly Target[] =>
  kb.facts.kernels.flatMap(({ name, longterm: isLongterm }) => {
    const release = parseRelease(name);
    return isLongterm === true && release !== undefined ? [{ label: name, release }] : [];
  }),
);

/** Operations and iterators say what their programs may call; which operations these are the file may not say. */
function decidesByItself(helper: string, { progType, attachType, structOps }: ProgramKind): boolean {
  if (attachType === "BPF_TRACE_ITER") return OF_SOME_ITERATORS.has(helper);
  return progType === "BPF_PROG_TYPE_STRUCT_OPS" && structOps === undefined;
}

/** The iterators over TCP and Unix sockets allow them (linux: bpf_iter_tcp_get_func_proto, bpf_iter_unix_get_func_proto). */
const OF_SOME_ITERATORS = new Set(["bpf_getsockopt", "bpf_setsockopt"]);

/** `bpf_xdp_load_bytes()` is to XDP what `bpf_skb_load_bytes()` is to others. */
function counterpart(kind: Kind, { name }: Fact, { kind: program }: Run, ctx: RuleContext): Fact | undefined {
  const word = CONTEXT_WORDS.get(ctx.kb.programType(program.progType)?.context ?? "");
  const other = name.replace(/_(?:skb|xdp|msg)(?=_|$)/, `_${word}`);
  const fact = word === undefined || other === name ? undefined : factOf(kind, other, ctx);
  if (fact === undefined || allowancesFor(fact.allowed, program).length === 0) return undefined;
  return lacking({ kind, name: other, program }, ctx).length === 0 ? fact : undefined;
}

/** How names call what a program is given. */
const CONTEXT_WORDS: ReadonlyMap<string, string> = new Map([
  ["__sk_buff", "skb"],
  ["xdp_md", "xdp"],
  ["sk_msg_md", "msg"],
]);

function takesTheSame(a: Fact, b: Fact): boolean {
  const kinds = ({ params }: Fact): string | undefined => params?.map(({ kind }) => kind ?? "?").join();
  return kinds(a) === kinds(b) && kinds(a)?.includes("?") === false;
}
