/** A model as plain JSON, for scripts and bug reports. Its shape is documented in server/docs/model.md. */

import { includesOf } from "./header.ts";
import type { KnowledgeBase } from "./knowledge/knowledge-base.ts";
import { classifySection } from "./knowledge/sections.ts";
import type { BpfFunction, BpfModel, Call, MapFacts, Program } from "./model.ts";
import { recordsOf } from "./records.ts";
import type { RecordShape, Shape } from "./syntax/shape.ts";
import type { Range } from "./text.ts";

/** Raised when a reader of an older shape could no longer make sense of the output. */
export const MODEL_FORMAT = 1;

export interface Description {
  readonly programs: readonly ProgramDescription[];
  readonly maps: readonly (MapDescription & { readonly values: readonly string[]; readonly range: object })[];
  readonly calls: readonly CallDescription[];
  readonly globals: readonly GlobalDescription[];
  readonly licence: string | null;
  readonly includes: readonly { readonly path: string; readonly quoted: boolean }[];
  readonly outside: {
    readonly maps: readonly (MapDescription & { readonly header: string })[];
    readonly programs: readonly {
      readonly name: string;
      readonly section: string | undefined;
      readonly header: string;
    }[];
    readonly headers: readonly HeaderDescription[];
  };
  readonly errors: readonly object[];
}

export interface ProgramDescription {
  readonly name: string;
  readonly function: string;
  readonly section: string | null;
  readonly progType: string | null;
  readonly attachType: string | null;
  readonly attachTarget: string | null;
  readonly sleepable: boolean | null;
  readonly autoload: boolean | null;
  readonly macro: string | null;
  readonly context: object | null;
  readonly args: readonly object[];
  readonly reaches: readonly string[];
  readonly range: object;
}

export interface MapDescription {
  readonly name: string;
  readonly dialect: string;
  readonly type: string | null;
  readonly keyType: string | null;
  readonly valueType: string | null;
  readonly keySize: number | null;
  readonly valueSize: number | null;
  readonly maxEntries: number | null;
  readonly flags: number | null;
  readonly pinning: string | null;
  readonly key: Shape | null;
  readonly value: Shape | null;
  /** What programs send through it, for a ring buffer or a perf event array. */
  readonly records: readonly RecordShape[];
}

export interface CallDescription {
  readonly name: string;
  readonly kind: string;
  readonly in: string | null;
  readonly args: readonly { readonly text: string; readonly map: string | null }[];
  readonly guardedBy: readonly object[];
  readonly range: object;
}

export interface GlobalDescription {
  readonly name: string;
  readonly kind: string;
  readonly type: string;
  readonly section: string | null;
  readonly shape: Shape | null;
  readonly range: object;
}

export interface HeaderDescription {
  readonly uri: string;
  readonly includes: readonly string[];
  readonly functions: readonly string[];
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
    maps: model.maps.map((map) => ({ ...describeMap(map, model), values: map.values, range: place(map.range) })),
    calls: model.calls.map((call) => describeCall(call, kindOf(call.name))),
    globals: model.globals.map(({ name, kind, type, bounds, section, range }) => ({
      name,
      kind,
      type,
      section: section?.name ?? null,
      shape: model.shapeOf(`${type.replace(/\s*\{\}/, "")}${bounds}`) ?? null,
      range: place(range),
    })),
    licence: model.licence?.text ?? null,
    includes: model.includes.map(({ path, quoted }) => ({ path, quoted })),
    outside: {
      maps: model.outside.maps.map((map) => ({ ...describeMap(map, model), header: map.header })),
      programs: model.outside.programs,
      headers: model.headers.map(({ uri, lowered, outline }) => ({
        uri,
        includes: includesOf(lowered).map(({ path }) => path),
        functions: outline.functions.map(({ name }) => name),
      })),
    },
    errors: model.errors().map(place),
  };
}

function describeProgram(program: Program, model: BpfModel, kb: KnowledgeBase): ProgramDescription {
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

function describeMap(map: MapFacts, model: BpfModel): MapDescription {
  const orNull = <T>(value: T | undefined): T | null => value ?? null;
  const shapeOf = (type: string | undefined): Shape | null => orNull(type === undefined ? type : model.shapeOf(type));
  return {
    name: map.name,
    dialect: map.dialect,
    type: orNull(map.type),
    keyType: orNull(map.keyType),
    valueType: orNull(map.valueType),
    keySize: orNull(map.keySize),
    valueSize: orNull(map.valueSize),
    maxEntries: orNull(map.maxEntries),
    flags: orNull(map.flags),
    pinning: orNull(map.pinning),
    key: shapeOf(map.keyType),
    value: shapeOf(map.valueType),
    records: recordsOf(map.name, model),
  };
}

function describeCall(call: Call, kind: string): CallDescription {
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
