/** For rules about calls: what of the kernel's a call means, and which programs make it. */

import { hasVmlinux } from "../kernel-headers.ts";
import { type ProgramMeaning, programMeaning } from "../knowledge/loaders.ts";
import type { Helper, KfuncFact } from "../knowledge/types.ts";
import type { BpfFunction, BpfModel, Call, Program } from "../model.ts";
import { remembered } from "../remember.ts";
import type { RuleContext } from "../rule.ts";
import { isGuarded, wordsIn } from "./guarded.ts";
import { perModel, perPart } from "./per-model.ts";
import { operationPlace } from "./struct-ops.ts";

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
  const isDeclared =
    model.declared(name)?.isKsym ?? (LIBBPF_DECLARES.test(name) || (hasVmlinux(model) && model.unread().length === 0));
  return isDeclared ? kfunc : undefined;
}

/** Headers of libbpf's declare them for their own loops. */
const LIBBPF_DECLARES = /^bpf_iter_num_(?:new|next|destroy)$/;

/**
 * What a call does that has the name of a kfunc, where a `vmlinux.h` may declare it: another header may hold a macro for what
 * has a longer name in the kernel, and a function of that name would be one for the same.
 */
export function kfuncMeant(call: Call, asked: Pick<Asked, "model" | "kb">): KfuncFact | undefined {
  const { model, kb } = asked;
  const { name } = call;
  const sure = kfuncOf(call, asked);
  if (sure !== undefined || !name.startsWith("bpf_") || !hasVmlinux(model)) return sure;
  if (model.redefines(name) || model.declared(name) !== undefined) return undefined;
  return kb.kfunc(`${name}_impl`) === undefined ? kb.kfunc(name) : undefined;
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
export const knownPrograms = perModel(
  ["kb", "loader"],
  (asked): readonly (ProgramMeaning & { readonly program: Program })[] => {
    const found: (ProgramMeaning & { readonly program: Program })[] = [];
    for (const program of asked.model.programs) {
      const meaning = meaningOf(program, asked);
      if (meaning === undefined) continue;
      const { kind, sleepable, word } = meaning;
      found.push({ kind, sleepable, word, program });
    }
    return found;
  },
);

/** The same, those of one kind together: a file may have a hundred programs, and they are of three kinds. */
export const programsByKind = perModel(["kb", "loader"], (asked) => {
  const groups = new Map<string, { readonly meaning: ProgramMeaning; readonly programs: Program[] }>();
  for (const { program, kind, sleepable, word } of knownPrograms(asked)) {
    const key = `${kind.progType} ${kind.attachType} ${kind.structOps} ${sleepable} ${word}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { meaning: { kind, sleepable, word }, programs: [program] });
    else group.programs.push(program);
  }
  return [...groups.values()];
});

/** Who makes a call. Callbacks that the kernel runs later, on its own, are nobody's. */
export const runsOf = perPart(["kb", "loader"], (call: Call, asked): readonly Run[] => {
  const { model } = asked;
  const fn = call.in;
  if (fn === undefined) return [];
  // What a program asks is asked when it runs.
  const own = isProgram(fn) ? "nothing" : asksBefore(call, fn, model);
  return [...waysTo(fn, asked)].flatMap(([program, asks]) => {
    const meaning = meaningOf(program, asked);
    return meaning === undefined ? [] : [{ ...meaning, program, asks: most(own, asks) }];
  });
});

const ORDER: readonly Asks[] = ["nothing", "something", "flag"];

/** From a function upwards, through all callers. */
const waysTo = perPart([], (start: BpfFunction, { model }): ReadonlyMap<Program, Asks> => {
  const least = new Map<BpfFunction, Asks>();
  const visit = (fn: BpfFunction, asks: Asks): void => {
    const before = least.get(fn);
    if (before !== undefined && ORDER.indexOf(before) <= ORDER.indexOf(asks)) return;
    least.set(fn, asks);
    if (isProgram(fn)) return;
    for (const site of sitesOf(fn, model)) {
      const caller = site.in;
      if (caller !== undefined) visit(caller, isProgram(caller) ? asks : most(asks, asksBefore(site, caller, model)));
    }
  };
  visit(start, "nothing");
  return new Map([...least].flatMap(([fn, asks]) => (isProgram(fn) ? [[fn, asks] as const] : [])));
});

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
  const isAsked = (flag: string): boolean => conditions.some((condition) => wordsIn(condition).includes(flag));
  return flags.some(isAsked) ? "flag" : "something";
}

/** Whether something may keep the compiler or the kernel from ever looking at a call. */
export function mayBeLeftOut(call: Call, model: BpfModel): boolean {
  return isLeftOut(call, { model });
}

const isLeftOut = perPart([], (call: Call, { model }): boolean => {
  const { range, in: fn } = call;
  if (isGuarded(range, fn, model)) return true;
  const conditions = model.code.conditionsBefore(range);
  return fn !== undefined && conditions.length > 0 && compilerMayDecide(conditions, fn, model);
});

/** Whether the compiler may know what one of the conditions before a place comes to: `if (WITH_IPV6)`. */
function compilerMayDecide(conditions: readonly string[], fn: BpfFunction, model: BpfModel): boolean {
  const known = decidedIn(fn, { model });
  const decided = known.get(conditions) ?? conditions.some((condition) => !asksAtRunTime(condition, fn, model));
  known.set(conditions, decided);
  return decided;
}

/** By lists, of which there is one for all places between two conditions. */
const decidedIn = perPart([], (_fn: BpfFunction) => new Map<readonly string[], boolean>());

/** Whether a condition asks a variable or a function. */
function asksAtRunTime(condition: string, fn: BpfFunction, model: BpfModel): boolean {
  const { callsFunction, words } = readCondition(condition);
  if (callsFunction) return true;
  const globals = globalNames({ model });
  const locals = model.code.localNames(fn);
  const isVariable = (word: string): boolean =>
    globals.has(word) || locals.has(word) || fn.params.some(({ name }) => name === word);
  return words.some(isVariable);
}

interface ConditionRead {
  readonly callsFunction: boolean;
  /** Those that no parenthesis follows. */
  readonly words: readonly string[];
}

const readCondition = remembered((condition): ConditionRead => {
  const found = condition.match(/[A-Za-z_]\w*(?:\s*\()?/g) ?? [];
  return {
    callsFunction: found.some((word) => /^[a-z_].*\($/s.test(word) && !/^(?:sizeof|is_defined|defined)\b/.test(word)),
    words: found.filter((word) => !word.endsWith("(")),
  };
});

/** The macros that unpack a context call it `ctx`. */
const globalNames = perModel([], ({ model }) => new Set(["ctx", ...model.globals.map(({ name }) => name)]));

const meaningOf = perPart(["kb", "loader"], (program: Program, asked): ProgramMeaning | undefined => {
  const { model, kb, loader } = asked;
  const { name } = program.section;
  const meaning = name === undefined ? undefined : programMeaning(name, kb, loader);
  if (meaning?.kind.progType !== "BPF_PROG_TYPE_STRUCT_OPS") return meaning;
  const structOps = operationPlace(program, model)?.structure;
  return { ...meaning, kind: { ...meaning.kind, structOps }, word: structOps ?? meaning.word };
});
