/** For rules about calls: what of the kernel's a call means, and which programs make it. */

import { isGuarded } from "./guarded.ts";
import type { KnowledgeBase } from "./knowledge/knowledge-base.ts";
import { classifySection } from "./knowledge/sections.ts";
import type { ProgramKind } from "./knowledge/supports.ts";
import type { Helper, KfuncFact, LoaderSectionFact } from "./knowledge/types.ts";
import type { BpfFunction, BpfModel, Call, Program } from "./model.ts";
import type { RuleContext } from "./rule.ts";

type Asked = Pick<RuleContext, "model" | "kb" | "loader">;

/** The helper that a call means, unless the file makes something of its own of the name. */
export function helperOf({ name }: Call, { model, kb }: Pick<Asked, "model" | "kb">): Helper | undefined {
  const helper = kb.helper(name);
  return helper === undefined || model.redefines(name) ? undefined : helper;
}

/** As `helperOf`. A header that nobody could follow may hold a function of the same name. */
export function kfuncOf({ name }: Call, { model, kb }: Pick<Asked, "model" | "kb">): KfuncFact | undefined {
  const kfunc = kb.kfunc(name);
  if (kfunc === undefined || model.redefines(name)) return undefined;
  const isDeclared = model.declared(name)?.isKsym ?? (hasVmlinux(model) && model.unread().length === 0);
  return isDeclared ? kfunc : undefined;
}

/** Whether the file takes the kernel's types from a generated header, which may declare kfuncs as well. */
export function hasVmlinux({ includes }: BpfModel): boolean {
  return includes.some(({ path }) => /(?:^|\/)vmlinux[^/]*\.h$/.test(path));
}

/** What the loader takes a section for. */
export interface ProgramMeaning {
  readonly kind: ProgramKind;
  readonly sleepable: boolean;
  /** The beginning of the section that says so: `fentry`, `cgroup/connect4`. */
  readonly word: string;
}

/** A program that makes a call, by itself or through functions of the file. */
export interface Run extends ProgramMeaning {
  readonly program: Program;
  /** What functions between the two ask first, on the way where they ask least. */
  readonly asks: Asks;
}

/** `flag`: a number that the caller hands over, which a compiler that inlines may know: `if (is_ingress)`. */
export type Asks = "nothing" | "something" | "flag";

/** The programs of which the file tells what they are. */
export function knownPrograms(asked: Asked): readonly (ProgramMeaning & { readonly program: Program })[] {
  return asked.model.programs.flatMap((program) => {
    const meaning = meaningOf(program, asked);
    return meaning === undefined ? [] : [{ ...meaning, program }];
  });
}

/** Who makes a call. Callbacks that the kernel runs later, on its own, are nobody's. */
export function runsOf(call: Call, asked: Asked): readonly Run[] {
  return [...waysTo(call, asked.model)].flatMap(([program, asks]) => {
    const meaning = meaningOf(program, asked);
    return meaning === undefined ? [] : [{ ...meaning, program, asks }];
  });
}

const ORDER: readonly Asks[] = ["nothing", "something", "flag"];

/** From the call upwards, through all callers. */
function waysTo(call: Call, model: BpfModel): ReadonlyMap<Program, Asks> {
  const least = new Map<BpfFunction, Asks>();
  const visit = (site: Call, sofar: Asks): void => {
    const fn = site.in;
    if (fn === undefined) return;
    // What a program asks is asked when it runs.
    const asks = isProgram(fn) ? sofar : most(sofar, asksBefore(site, fn, model));
    const before = least.get(fn);
    if (before !== undefined && ORDER.indexOf(before) <= ORDER.indexOf(asks)) return;
    least.set(fn, asks);
    if (!isProgram(fn)) for (const next of sitesOf(fn, model)) visit(next, asks);
  };
  visit(call, "nothing");
  return new Map([...least].flatMap(([fn, asks]) => (isProgram(fn) ? [[fn, asks] as const] : [])));
}

/** The programs that reach a function, whatever is asked on the way. */
export function programsRunning(fn: BpfFunction, model: BpfModel): ReadonlySet<Program> {
  const reached = new Set([fn]);
  for (const one of reached)
    if (!isProgram(one)) for (const site of sitesOf(one, model)) if (site.in !== undefined) reached.add(site.in);
  return new Set([...reached].filter(isProgram));
}

function most(a: Asks, b: Asks): Asks {
  return ORDER.indexOf(a) < ORDER.indexOf(b) ? b : a;
}

function isProgram(fn: BpfFunction): fn is Program {
  return fn.section !== undefined;
}

/** Where a function is called, or handed over to be called at once. */
function sitesOf({ name }: BpfFunction, model: BpfModel): readonly Call[] {
  return model.sitesOf(name).filter((call) => call.name === name || !RUNS_LATER.test(call.name));
}

/** Their callbacks are run by a kernel thread or by the task itself, and may sleep whatever the program may do. */
const RUNS_LATER = /^bpf_(?:wq_set_callback|task_work_schedule_(?:signal|resume))/;

function asksBefore({ range }: Call, { params }: BpfFunction, { code }: BpfModel): Asks {
  const conditions = code.conditionsBefore(range);
  if (conditions.length === 0) return "nothing";
  const flags = params.filter(({ type }) => !type.includes("*")).map(({ name }) => name);
  const words = new Set(conditions.flatMap((condition) => condition.match(/[A-Za-z_]\w*/g) ?? []));
  return flags.some((flag) => words.has(flag)) ? "flag" : "something";
}

/** Whether something may keep the compiler or the kernel from ever looking at a call. */
export function mayBeLeftOut(call: Call, model: BpfModel): boolean {
  if (isGuarded(call.range, call.in, model)) return true;
  return model.code.conditionsBefore(call.range).some((condition) => !asksAtRunTime(condition, call, model));
}

/** Whether a condition asks a variable or a function. Everything else the compiler may know: `if (WITH_IPV6)`. */
function asksAtRunTime(condition: string, { in: fn }: Call, model: BpfModel): boolean {
  const words = condition.match(/[A-Za-z_]\w*(?:\s*\()?/g) ?? [];
  const variables = new Set([
    ...(fn === undefined ? [] : [...fn.params, ...localsOf(fn, model)].map(({ name }) => name)),
    ...model.globals.map(({ name }) => name),
    // The macros that unpack a context call it so.
    "ctx",
  ]);
  return words.some((word) =>
    word.endsWith("(") ? /^[a-z_]/.test(word) && !/^(?:sizeof|is_defined|defined)\b/.test(word) : variables.has(word),
  );
}

function localsOf(fn: BpfFunction, { code }: BpfModel): readonly { readonly name: string }[] {
  return code.locals(fn).map(({ text }) => ({ name: text }));
}

function meaningOf(program: Program, { model, kb, loader }: Asked): ProgramMeaning | undefined {
  const { name } = program.section;
  if (name === undefined) return undefined;
  const meaning = byLoader(name, kb, loader) ?? byLibbpf(name, kb);
  if (meaning === undefined || meaning === "unknown") return undefined;
  if (meaning.kind.progType !== "BPF_PROG_TYPE_STRUCT_OPS") return meaning;
  const structOps = structOpsOf(program, model);
  return { ...meaning, kind: { ...meaning.kind, structOps }, word: structOps ?? meaning.word };
}

function byLibbpf(name: string, kb: KnowledgeBase): ProgramMeaning | undefined {
  const meaning = classifySection(name, kb);
  if (meaning === undefined) return undefined;
  const { fact, progType, attachType, sleepable } = meaning;
  return { kind: { progType, attachType }, sleepable, word: fact.name.replace(/[+/]+$/, "") };
}

/** What it does not list a loader takes as libbpf does, or not at all. */
function byLoader(name: string, kb: KnowledgeBase, loader: string): ProgramMeaning | "unknown" | undefined {
  if (loader === "libbpf") return undefined;
  const fact = kb.facts.loaderSections
    .filter((one) => one.loader === loader)
    .sort((a, b) => a.order - b.order)
    .find((one) => isMatch(name, one));
  if (fact === undefined) return undefined;
  const { progType, attachType, sleepable = false, pattern } = fact;
  if (progType === undefined) return "unknown";
  return { kind: { progType, attachType }, sleepable, word: pattern.replace(/\/$/, "") };
}

function isMatch(name: string, { match, pattern }: LoaderSectionFact): boolean {
  if (match === "exact") return name === pattern;
  if (match === "target") return name === pattern || name.startsWith(`${pattern}/`);
  if (match === "prefix") return name.startsWith(pattern);
  return match === "regexp" && new RegExp(`^(?:${pattern})$`).test(name);
}

/** The structure of operations whose variable names a program; undefined where none of the file does. */
function structOpsOf({ name }: Program, { globals, code }: BpfModel): string | undefined {
  const word = new RegExp(`\\b${name}\\b`);
  const variable = globals.find(
    ({ section, range }) => /^\??\.struct_ops(?:\.link)?$/.test(section?.name ?? "") && word.test(code.textOf(range)),
  );
  return /\bstruct\s+(\w+)/.exec(variable?.type ?? "")?.[1];
}
