/** For rules: whether code runs only where the kernel, or whoever loads the program, says that it may. */

import type { BpfFunction, BpfModel } from "./model.ts";
import type { Range } from "./text.ts";

const ASKS_THE_KERNEL =
  /\b(?:bpf_core_(?:enum_value|type|field)_(?:exists|matches)|bpf_core_enum_value|bpf_ksym_exists|LINUX_KERNEL_VERSION|LINUX_HAS_\w+|LINUX_VERSION_CODE|KERNEL_VERSION)\b/;

/**
 * Whether a condition before a place may decide that it does not run: it asks about the kernel, or about a value that is
 * fixed before the program is loaded, so that the verifier never looks at what is not taken. What is merely likely to be
 * a guard counts as one.
 */
export function isGuarded(range: Range, fn: BpfFunction | undefined, model: BpfModel): boolean {
  return isGuardedHere(range, model) || (fn !== undefined && hasGuardedCallers(fn, model, new Set()));
}

/**
 * As `isGuarded` for advice on what to write instead: whether the code is one of several ways that the author chooses from.
 * A value fixed before the load counts only where it decides about the place itself: `if (has_ringbuf)` does,
 * `if (min_duration) return 0;` before it does not.
 */
export function isAlternative(range: Range, fn: BpfFunction | undefined, model: BpfModel): boolean {
  return (
    isAlternativeHere(range, model) || (fn !== undefined && hasGuardedCallers(fn, model, new Set(), isAlternativeHere))
  );
}

function isAlternativeHere(range: Range, model: BpfModel): boolean {
  if (model.code.compiledWhen(range).length > 0) return true;
  const isWeak = (word: string): boolean => model.kfuncs.some((kfunc) => kfunc.isWeak && kfunc.name === word);
  return (
    model.code
      .conditionsBefore(range)
      .some((text) => ASKS_THE_KERNEL.test(text) || (text.match(/[A-Za-z_]\w*/g) ?? []).some(isWeak)) ||
    model.code.conditionsAround(range).some((condition) => decidesBeforeLoad(condition, model))
  );
}

function isGuardedHere(range: Range, model: BpfModel): boolean {
  if (model.code.compiledWhen(range).length > 0) return true;
  return model.code.conditionsBefore(range).some((condition) => decidesBeforeLoad(condition, model));
}

function decidesBeforeLoad(condition: string, model: BpfModel): boolean {
  if (ASKS_THE_KERNEL.test(condition)) return true;
  const words = new Set(condition.match(/[A-Za-z_]\w*/g));
  return (
    model.globals.some(({ name, kind }) => words.has(name) && FIXED.has(kind)) ||
    model.kfuncs.some(({ name, isWeak }) => isWeak && words.has(name))
  );
}

/** Kinds of globals whose value is known when the verifier runs. */
const FIXED = new Set(["rodata", "kconfig", "ksym", "extern"]);

/** A function of the file's own that runs only behind guards. */
function hasGuardedCallers(
  fn: BpfFunction,
  model: BpfModel,
  seen: Set<string>,
  isGuardedAt: (range: Range, model: BpfModel) => boolean = isGuardedHere,
): boolean {
  if (fn.section !== undefined || seen.has(fn.name)) return false;
  seen.add(fn.name);
  const calls = model.calls.filter(({ name }) => name === fn.name);
  return (
    calls.length > 0 &&
    calls.every(
      (call) =>
        isGuardedAt(call.range, model) ||
        (call.in !== undefined && hasGuardedCallers(call.in, model, new Set(seen), isGuardedAt)),
    )
  );
}
