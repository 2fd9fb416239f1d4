/** For the rules about helpers and kfuncs that a program may not call: which programs, and on which kernels. */

import { replace } from "./edits.ts";
import { allowancesFor, type Feature, type ProgramKind, REPLACEMENT, supports } from "./knowledge/supports.ts";
import type { Target } from "./knowledge/target.ts";
import type { Helper, KfuncFact } from "./knowledge/types.ts";
import type { Call, Program } from "./model.ts";
import type { Fix, Report, RuleContext } from "./rule.ts";
import { knownPrograms, mayBeLeftOut, type ProgramMeaning, type Run, runsOf } from "./runs.ts";
import { type Use, usesIn, useText } from "./uses.ts";
import { lacking, lackText } from "./verdicts.ts";

type Kind = Use["kind"];
type Fact = Helper | KfuncFact;

/** Calls of what some program that makes them may not call. */
export function* notAllowed(kind: Kind, ctx: RuleContext): Iterable<Report> {
  const programs = alikeAsOne(knownPrograms(ctx));
  if (programs.length === 0) return;
  // Most names are allowed wherever the file may use them: that is asked once for each, not at every call.
  const barred = new Map<string, Fact | undefined>();
  for (const use of usesIn(ctx)) {
    if (use.kind !== kind) continue;
    if (!barred.has(use.name)) barred.set(use.name, barredFact(kind, use.name, programs, ctx));
    const fact = barred.get(use.name);
    const report = fact && reportOf(use, fact, ctx);
    if (report !== undefined) yield report;
  }
}

/** One program of each kind. */
function alikeAsOne(programs: readonly ProgramMeaning[]): readonly ProgramMeaning[] {
  const keyOf = ({ kind }: ProgramMeaning): string => `${kind.progType} ${kind.attachType} ${kind.structOps}`;
  return [...new Map(programs.map((program) => [keyOf(program), program])).values()];
}

function factOf(kind: Kind, name: string, { kb }: RuleContext): Fact | undefined {
  return kind === "helper" ? kb.helper(name) : kb.kfunc(name);
}

function barredFact(kind: Kind, name: string, programs: readonly ProgramMeaning[], ctx: RuleContext): Fact | undefined {
  const fact = factOf(kind, name, ctx);
  return fact && programs.some((program) => barTo(kind, fact, program, ctx) !== undefined) ? fact : undefined;
}

function reportOf(use: Use, fact: Fact, ctx: RuleContext): Report | undefined {
  const { kind, call, by } = use;
  const runs = runsOf(call, ctx);
  const barred = runs.flatMap((run) => {
    const bar = barTo(kind, fact, run, ctx);
    return bar === undefined ? [] : [{ run, bar }];
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
    message: `${first.run.word} programs cannot call ${useText(use)} ${first.bar}${via(others)}${better === undefined ? "" : `; ${better.name}() is for them`}`,
    ...(better !== undefined && takesTheSame(better, fact) && { fixes: [rename(call, better.name)] }),
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

/** "on any kernel", or the targets that say no; undefined where nothing speaks against it. */
function barTo(kind: Kind, fact: Fact, { kind: program }: ProgramMeaning, ctx: RuleContext): string | undefined {
  // What a replacement may do the replaced program decides.
  if (program.progType === REPLACEMENT || (kind === "helper" && decidesByItself(fact.name, program, ctx)))
    return undefined;
  if (allowancesFor(fact.allowed, program).length === 0) return "on any kernel";
  const { name } = fact;
  // Kernels that lack the one or the other altogether are another rule's business.
  const knows = (target: Target, feature: Feature): boolean =>
    supports(target, feature, ctx.kb, ctx.loader).answer !== "no";
  const { attachType } = program;
  const targets = ctx.targets.filter(
    (target) =>
      knows(target, { kind, name }) &&
      (attachType === undefined || knows(target, { kind: "attach-type", name: attachType })) &&
      knows(target, { kind: "helper", name: EVERYBODYS, program }),
  );
  const lacks = lacking({ kind, name, program }, { ...ctx, targets });
  return lacks.length === 0 ? undefined : `on ${lackText(lacks)}`;
}

/** A kernel that knows such programs at all lets them call it. */
const EVERYBODYS = "bpf_map_lookup_elem";

/** Operations and iterators say what their programs may call; any module may bring operations of its own. */
function decidesByItself(
  helper: string,
  { progType, attachType, structOps }: ProgramKind,
  { kb }: RuleContext,
): boolean {
  if (attachType === "BPF_TRACE_ITER") return OF_SOME_ITERATORS.has(helper);
  if (progType !== "BPF_PROG_TYPE_STRUCT_OPS") return false;
  const label = `STRUCT_OPS/${structOps}`;
  return !kb.facts.helpers.some(({ allowed }) => allowed.some((part) => part.in.includes(label)));
}

/** The iterators over TCP and Unix sockets allow them (linux: bpf_iter_tcp_get_func_proto, bpf_iter_unix_get_func_proto). */
const OF_SOME_ITERATORS = new Set(["bpf_getsockopt", "bpf_setsockopt"]);

/** `bpf_xdp_load_bytes()` is to XDP what `bpf_skb_load_bytes()` is to others. */
function counterpart(kind: Kind, { name }: Fact, { kind: program }: Run, ctx: RuleContext): Fact | undefined {
  const facts = CONTEXTS.map((word) => name.replace(/_(?:skb|xdp|msg)(?=_|$)/, `_${word}`))
    .filter((other) => other !== name)
    .map((other) => factOf(kind, other, ctx));
  return facts.find(
    (fact) =>
      fact !== undefined &&
      allowancesFor(fact.allowed, program).length > 0 &&
      lacking({ kind, name: fact.name, program }, ctx).length === 0,
  );
}

const CONTEXTS = ["skb", "xdp", "msg"];

function takesTheSame(a: Fact, b: Fact): boolean {
  const kinds = ({ params }: Fact): string | undefined => params?.map(({ kind }) => kind ?? "?").join();
  return kinds(a) === kinds(b) && kinds(a)?.includes("?") === false;
}

function rename({ nameRange }: Call, name: string): Fix {
  return { title: `Replace with ${name}()`, edits: [replace(nameRange, name)] };
}
