/** Whether code runs only where the kernel, or whoever loads the program, says that it may. */

import type { BpfFunction, BpfModel, Call } from "../model.ts";
import { ByName, remembered } from "../remember.ts";
import type { Range } from "../text.ts";
import { perModel, perPart, perText } from "./per-model.ts";

const ASKS_THE_KERNEL =
  /\b(?:bpf_core_(?:enum_value|type|field)_(?:exists|matches)|bpf_core_enum_value|bpf_ksym_exists|LINUX_KERNEL_VERSION|LINUX_HAS_\w+|LINUX_VERSION_CODE|KERNEL_VERSION)\b/;

/**
 * Whether a condition before a place may decide that it does not run: it asks about the kernel, or about a value that is
 * fixed before the program is loaded, so that the verifier never looks at what is not taken. What is merely likely to be
 * a guard counts as one.
 */
export function isGuarded(range: Range, fn: BpfFunction | undefined, model: BpfModel): boolean {
  return isGuardedHere(range, fn, model) || (fn !== undefined && runsBehindGuards(fn, { model }));
}

/**
 * As `isGuarded` for advice on what to write instead: whether the code is one of several ways that the author chooses from.
 * A value fixed before the load counts only where it decides about the place itself: `if (has_ringbuf)` does,
 * `if (min_duration) return 0;` before it does not.
 */
export function isAlternative(range: Range, fn: BpfFunction | undefined, model: BpfModel): boolean {
  return (
    isAlternativeHere(range, fn, model) ||
    (fn !== undefined && hasGuardedCallers(fn, model, new Set(), isAlternativeCall))
  );
}

const runsBehindGuards = perPart([], (fn: BpfFunction, { model }) =>
  hasGuardedCallers(fn, model, new Set(), isGuardedCall),
);

const isGuardedCall = perPart([], ({ range, in: fn }: Call, { model }) => isGuardedHere(range, fn, model));
const isAlternativeCall = perPart([], ({ range, in: fn }: Call, { model }) => isAlternativeHere(range, fn, model));

function isAlternativeHere(range: Range, _fn: BpfFunction | undefined, model: BpfModel): boolean {
  if (model.code.compiledWhen(range).length > 0) return true;
  const isWeak = (word: string): boolean => model.kfuncs.some((kfunc) => kfunc.isWeak && kfunc.name === word);
  return (
    model.code.conditionsBefore(range).some((text) => ASKS_THE_KERNEL.test(text) || wordsIn(text).some(isWeak)) ||
    model.code.conditionsAround(range).some((condition) => decidesBeforeLoad(condition, model))
  );
}

function isGuardedHere(range: Range, fn: BpfFunction | undefined, model: BpfModel): boolean {
  const { code } = model;
  if (code.compiledWhen(range).length > 0) return true;
  const before = code.conditionsBefore(range);
  const deciding = before.length === 0 ? before : decidingIn(before, { model });
  if (deciding.length === 0) return false;
  const around = code.conditionsAround(range);
  return deciding.some((condition) => around.includes(condition) || !waitsForRun(condition, fn, model));
}

const decidingIn = perPart([], (conditions: readonly string[], { model }) =>
  conditions.filter((condition) => decidesBeforeLoad(condition, model)),
);

/**
 * Whether what stands behind `if (wanted && wanted != pid) return 0;` is looked at whatever was set: a part of the
 * condition that must hold as well is known only when the program runs.
 */
function waitsForRun(condition: string, fn: BpfFunction | undefined, model: BpfModel): boolean {
  if (fn === undefined) return false;
  const known = waitingIn(fn, { model });
  const waits = known.get(condition) ?? saysWhatWaits(condition, fn, model);
  known.set(condition, waits);
  return waits;
}

const waitingIn = perPart([], (_fn: BpfFunction) => new Map<string, boolean>());

function saysWhatWaits(condition: string, fn: BpfFunction, model: BpfModel): boolean {
  const flat = condition.replace(/\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/g, (inside) =>
    inside.replace(/[|&?]/g, " "),
  );
  if (/\|\||\?/.test(flat)) return false;
  let at = 0;
  const parts = flat.split("&&").map((part) => {
    const start = at;
    at += part.length + 2;
    return condition.slice(start, start + part.length);
  });
  return parts.some((part) => !/\|\||\?|!\s*\(/.test(part) && isOfRun(part, fn, model, new Set()));
}

/** What helpers, the context and pointers give. */
const GIVEN = /\bbpf_(?!core_|ksym_)\w+\s*\(|\b(?:BPF_CORE_READ|PT_REGS)\w*\s*\(|->/;

function isOfRun(text: string, fn: BpfFunction, model: BpfModel, seen: Set<string>): boolean {
  const { isGiven, names } = readValue(text);
  return isGiven || names.some((name) => isVariableOfRun(name, fn, model, seen));
}

/** What is written where a value stands: the same with every key. */
const readValue = remembered((text) => ({
  isGiven: GIVEN.test(text),
  names: text.match(/(?<![.>\w])[A-Za-z_]\w*/g) ?? [],
}));

/** Whether every caller passes something of the kind. One that passes a constant knows when the function returns. */
function isHandedOver(nth: number, fn: BpfFunction, model: BpfModel, seen: Set<string>): boolean {
  const sites = model.sitesOf(fn.name);
  return (
    sites.length > 0 &&
    sites.every((site) => {
      const text = site.name === fn.name ? site.args[nth]?.text : undefined;
      return text !== undefined && site.in !== undefined && isOfRun(text, site.in, model, seen);
    })
  );
}

function isVariableOfRun(name: string, fn: BpfFunction, model: BpfModel, seen: Set<string>): boolean {
  const key = `${fn.name} ${name}`;
  if (seen.has(key)) return false;
  seen.add(key);
  const nth = fn.params.findIndex((param) => param.name === name);
  if (nth !== -1) return fn.section !== undefined || isHandedOver(nth, fn, model, seen);
  if (!model.code.localNames(fn).has(name)) return false;
  const { values, isPointedTo } = readVariable(name, fn);
  if (values.some((value) => decidesBeforeLoad(value, model))) return false;
  return isPointedTo || values.some((value) => isOfRun(value, fn, model, seen));
}

/** What a function does with a variable. */
interface VariableRead {
  /** What it is set to. */
  readonly values: readonly string[];
  readonly isPointedTo: boolean;
}

function readVariable(name: string, fn: BpfFunction): VariableRead {
  const { text, variables } = functions.get(fn.name, fn.text, begin);
  const read = variables.get(name) ?? {
    values: [...text.matchAll(new RegExp(`(?<![\\w.>])${name}\\s*(?:[-+|&^*/%]|<<|>>)?=(?!=)\\s*([^;]*)`, "g"))].map(
      ([, value = ""]) => value,
    ),
    isPointedTo: new RegExp(`(?<!&\\s*)&\\s*${name}\\b`).test(text),
  };
  variables.set(name, read);
  return read;
}

/** What was read of a function, which with most keys is another one. */
interface FunctionRead {
  readonly text: string;
  readonly variables: Map<string, VariableRead>;
}

const functions = new ByName<FunctionRead>();

function begin(text: string): FunctionRead {
  return { text, variables: new Map() };
}

function decidesBeforeLoad(condition: string, model: BpfModel): boolean {
  return decides(condition, { model });
}

const decides = perText([], (condition, { model }): boolean => {
  if (asksTheKernel(condition)) return true;
  const fixed = fixedNames({ model });
  return wordsIn(condition).some((word) => fixed.has(word));
});

/** The same conditions are read with every key. */
const asksTheKernel = remembered((condition) => ASKS_THE_KERNEL.test(condition));

/** The names that a condition speaks of. */
export const wordsIn = remembered((condition): readonly string[] => condition.match(/[A-Za-z_]\w*/g) ?? []);

/** Names whose value is known when the verifier runs. */
const fixedNames = perModel([], ({ model }): ReadonlySet<string> => {
  const globals = model.globals.filter(({ kind }) => FIXED.has(kind));
  return new Set([...globals, ...model.kfuncs.filter(({ isWeak }) => isWeak)].map(({ name }) => name));
});

/** Kinds of globals whose value is known when the verifier runs. */
const FIXED = new Set(["rodata", "kconfig", "ksym", "extern"]);

/** A function of the file's own that runs only behind guards. */
function hasGuardedCallers(
  fn: BpfFunction,
  model: BpfModel,
  seen: Set<string>,
  isGuardedAt: (call: Call, asked: { readonly model: BpfModel }) => boolean,
): boolean {
  if (fn.section !== undefined || seen.has(fn.name)) return false;
  seen.add(fn.name);
  const calls = model.sitesOf(fn.name).filter(({ name }) => name === fn.name);
  return (
    calls.length > 0 &&
    calls.every(
      (call) =>
        isGuardedAt(call, { model }) ||
        (call.in !== undefined && hasGuardedCallers(call.in, model, new Set(seen), isGuardedAt)),
    )
  );
}
