/** A model as plain JSON, for scripts and bug reports. Its shape is documented in server/docs/model.md. */

import type { KnowledgeBase } from "./knowledge/knowledge-base.ts";
import { classifySection } from "./knowledge/sections.ts";
import type { BpfFunction, BpfModel, Call, MapFacts, Program } from "./model.ts";
import type { Range } from "./text.ts";

/** Raised when a reader of an older shape could no longer make sense of the output. */
export const MODEL_FORMAT = 1;

export interface Description {
  readonly programs: readonly object[];
  readonly maps: readonly object[];
  readonly calls: readonly object[];
  readonly globals: readonly object[];
  readonly licence: string | null;
  readonly includes: readonly object[];
  readonly outside: { readonly maps: readonly object[]; readonly programs: readonly object[] };
  readonly errors: readonly object[];
}

export function describe(model: BpfModel, kb: KnowledgeBase): Description {
  const functions = new Set(model.functions.map(({ name }) => name));
  const kfuncs = new Set(model.kfuncs.map(({ name }) => name));
  const kindOf = (name: string): string =>
    functions.has(name)
      ? "function"
      : kb.helper(name) !== undefined
        ? "helper"
        : kfuncs.has(name) || kb.kfunc(name) !== undefined
          ? "kfunc"
          : "macro";
  return {
    programs: model.programs.map((program) => describeProgram(program, model, kb)),
    maps: model.maps.map((map) => ({ ...describeMap(map), values: map.values, range: place(map.range) })),
    calls: model.calls.map((call) => describeCall(call, kindOf(call.name))),
    globals: model.globals.map(({ name, kind, type, section, range }) => ({
      name,
      kind,
      type,
      section: section?.name ?? null,
      range: place(range),
    })),
    licence: model.licence?.text ?? null,
    includes: model.includes.map(({ path, quoted }) => ({ path, quoted })),
    outside: {
      maps: model.outside.maps.map((map) => ({ ...describeMap(map), header: map.header })),
      programs: model.outside.programs,
    },
    errors: model.errors().map(place),
  };
}

function describeProgram(program: Program, model: BpfModel, kb: KnowledgeBase): object {
  const { name, section, range } = program;
  const meaning = section.name === undefined ? undefined : classifySection(section.name, kb);
  return {
    name,
    function: name,
    section: section.name ?? null,
    progType: meaning?.progType ?? null,
    attachType: meaning?.attachType ?? null,
    attachTarget: meaning?.target ?? null,
    sleepable: meaning?.sleepable ?? null,
    autoload: meaning?.autoload ?? null,
    macro: program.macro ?? null,
    context: contextOf(program),
    args: program.params,
    reaches: [...model.reaches(name)].filter((reached) => reached !== name).sort(),
    range: place(range),
  };
}

/** The macros give the function a context of their own and unpack it into the arguments. */
const HIDDEN_CONTEXT = /^BPF_(?:K|U|KSYS|USDT)/;

function contextOf({ macro, params }: BpfFunction): object | null {
  if (macro === undefined) return params[0] ?? null;
  if (HIDDEN_CONTEXT.test(macro)) return { type: "struct pt_regs *", name: "ctx" };
  return macro.startsWith("BPF_") ? { type: "unsigned long long *", name: "ctx" } : null;
}

function describeMap({
  name,
  dialect,
  type,
  keyType,
  valueType,
  keySize,
  valueSize,
  maxEntries,
  flags,
  pinning,
}: MapFacts): object {
  const orNull = <T>(value: T | undefined): T | null => value ?? null;
  return {
    name,
    dialect,
    type: orNull(type),
    keyType: orNull(keyType),
    valueType: orNull(valueType),
    keySize: orNull(keySize),
    valueSize: orNull(valueSize),
    maxEntries: orNull(maxEntries),
    flags: orNull(flags),
    pinning: orNull(pinning),
  };
}

function describeCall(call: Call, kind: string): object {
  return {
    name: call.name,
    kind,
    in: call.in?.name ?? null,
    args: call.args.map(({ text, map }) => ({ text, map: map?.name ?? null })),
    guardedBy: call.guards.map(({ condition, holds }) => ({ condition, holds })),
    range: place(call.range),
  };
}

/** Lines and columns as people and compilers count them, from 1. */
function place({ start, end }: Range): object {
  return {
    start: { line: start.line + 1, column: start.character + 1 },
    end: { line: end.line + 1, column: end.character + 1 },
  };
}
