/** Whether code runs only where the kernel, or whoever loads the program, says that it may. */

import type { BpfFunction, BpfModel } from "../model.ts";
import type { Range } from "../text.ts";
import { perModel } from "./per-model.ts";

const ASKS_THE_KERNEL =
  /\b(?:bpf_core_(?:enum_value|type|field)_(?:exists|matches)|bpf_core_enum_value|bpf_ksym_exists|LINUX_KERNEL_VERSION|LINUX_HAS_\w+|LINUX_VERSION_CODE|KERNEL_VERSION)\b/;

/**
 * Whether a condition before a place may decide that it does not run: it asks about the kernel, or about a value that is
 * fixed before the program is loaded, so that the verifier never looks at what is not taken. What is merely likely to be
 * a guard counts as one.
 */
export function isGuarded(range: Range, fn: BpfFunction | undefined, model: BpfModel): boolean {
  return isGuardedHere(range, fn, model) || (fn !== undefined && hasGuardedCallers(fn, model, new Set()));
}

/**
 * As `isGuarded` for advice on what to write instead: whether the code is one of several ways that the author chooses from.
 * A value fixed before the load counts only where it decides about the place itself: `if (has_ringbuf)` does,
 * `if (min_duration) return 0;` before it does not.
 */
export function isAlternative(range: Range, fn: BpfFunction | undefined, model: BpfModel): boolean {
  return (
    isAlternativeHere(range, fn, model) ||
    (fn !== undefined && hasGuardedCallers(fn, model, new Set(), isAlternativeHere))
  );
}

type Asked = (range: Range, fn: BpfFunction | undefined, model: BpfModel) => boolean;

function isAlternativeHere(range: Range, _fn: BpfFunction | undefined, model: BpfModel): boolean {
  if (model.code.compiledWhen(range).length > 0) return true;
  const isWeak = (word: string): boolean => model.kfuncs.some((kfunc) => kfunc.isWeak && kfunc.name === word);
  return (
    model.code
      .conditionsBefore(range)
      .some((text) => ASKS_THE_KERNEL.test(text) || (text.match(/[A-Za-z_]\w*/g) ?? []).some(isWeak)) ||
    model.code.conditionsAround(range).some((condition) => decidesBeforeLoad(condition, model))
  );
}

function isGuardedHere(range: Range, fn: BpfFunction | undefined, model: BpfModel): boolean {
  const { code } = model;
  if (code.compiledWhen(range).length > 0) return true;
  const deciding = code.conditionsBefore(range).filter((condition) => decidesBeforeLoad(condition, model));
  if (deciding.length === 0) return false;
  const around = new Set(code.conditionsAround(range));
  return deciding.some((condition) => around.has(condition) || !waitsForRun(condition, fn, model));
}

/**
 * Whether what stands behind `if (wanted && wanted != pid) return 0;` is looked at whatever was set: a part of the
 * condition that must hold as well is known only when the program runs.
 */
function waitsForRun(condition: string, fn: BpfFunction | undefined, model: BpfModel): boolean {
  const flat = condition.replace(/\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/g, (inside) =>
    inside.replace(/[|&?]/g, " "),
  );
  if (fn === undefined || /\|\||\?/.test(flat)) return false;
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
  if (GIVEN.test(text)) return true;
  return (text.match(/(?<![.>\w])[A-Za-z_]\w*/g) ?? []).some((name) => isVariableOfRun(name, fn, model, seen));
}

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
  if (!model.code.locals(fn).some((local) => local.text === name)) return false;
  const body = model.code.textOf(fn.range);
  const set = [...body.matchAll(new RegExp(`(?<![\\w.>])${name}\\s*(?:[-+|&^*/%]|<<|>>)?=(?!=)\\s*([^;]*)`, "g"))];
  const values = set.map(([, value = ""]) => value);
  if (values.some((value) => decidesBeforeLoad(value, model))) return false;
  return new RegExp(`(?<!&\\s*)&\\s*${name}\\b`).test(body) || values.some((value) => isOfRun(value, fn, model, seen));
}

function decidesBeforeLoad(condition: string, model: BpfModel): boolean {
  if (ASKS_THE_KERNEL.test(condition)) return true;
  const fixed = fixedNames({ model });
  return (condition.match(/[A-Za-z_]\w*/g) ?? []).some((word) => fixed.has(word));
}

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
  isGuardedAt: Asked = isGuardedHere,
): boolean {
  if (fn.section !== undefined || seen.has(fn.name)) return false;
  seen.add(fn.name);
  const calls = model.sitesOf(fn.name).filter(({ name }) => name === fn.name);
  return (
    calls.length > 0 &&
    calls.every(
      (call) =>
        isGuardedAt(call.range, call.in, model) ||
        (call.in !== undefined && hasGuardedCallers(call.in, model, new Set(seen), isGuardedAt)),
    )
  );
}
