/** What a kernel is given as one program: its function, and behind that those that it calls, in the order of libbpf. */

import type { CodeFunction } from "../object/functions.ts";
import { SLOT } from "../object/instructions.ts";
import type { OpenObject } from "../object/open.ts";
import { type TargetOf, targetsOf } from "../object/targets.ts";

export interface LoadedPart {
  readonly function: CodeFunction;
  /** The number of its first instruction, as the verifier counts. */
  readonly first: number;
  /** In slots of eight bytes. */
  readonly length: number;
}

/** Empty where the object has no such program. */
export function loadedParts(open: OpenObject, program: string): readonly LoadedPart[] {
  const main = open.functions.find(({ name, isProgram }) => isProgram && name === program);
  return main === undefined ? [] : partsFrom(open, main);
}

/** Each is appended where it is first met, and what it calls behind it, before the rest of what met it is looked at. */
function partsFrom(open: OpenObject, main: CodeFunction): readonly LoadedPart[] {
  const targetOf = targetFinder(open);
  const parts: LoadedPart[] = [];
  const seen = new Set<CodeFunction>();
  const entered: Iterator<CodeFunction>[] = [];
  let first = 0;
  const append = (one: CodeFunction): void => {
    const length = lengthOf(open, one);
    parts.push({ function: one, first, length });
    seen.add(one);
    entered.push(calledBy(one, targetOf));
    first += length;
  };
  const appendAll = (one: CodeFunction): void => {
    append(one);
    for (let last = entered.at(-1); last !== undefined; last = entered.at(-1)) {
      const next = last.next();
      if (next.done === true) entered.pop();
      else if (!seen.has(next.value)) append(next.value);
    }
  };
  appendAll(main);
  const callback = exceptionCallback(open, main);
  if (callback !== undefined && !seen.has(callback)) appendAll(callback);
  return parts;
}

type TargetIn = (one: CodeFunction) => TargetOf;

function targetFinder(open: OpenObject): TargetIn {
  const known = new Map<number, TargetOf>();
  return ({ section }) => {
    const found = known.get(section.index) ?? targetsOf(open, section, new Map());
    known.set(section.index, found);
    return found;
  };
}

/** Called, or with its address taken. What lies elsewhere than in `.text` libbpf does not append. */
function* calledBy(one: CodeFunction, targetIn: TargetIn): Generator<CodeFunction, undefined> {
  const targetOf = targetIn(one);
  for (const instruction of one.instructions) {
    const callee = targetOf(instruction)?.callee;
    if (callee !== undefined && !callee.isProgram) yield callee;
  }
  return undefined;
}

/** What follows a function in its section may be of none: a weak one that another took the place of. */
function lengthOf({ elf }: OpenObject, { section, start, length }: CodeFunction): number {
  const symbol = elf.symbols.find(
    ({ kind, section: home, value, size }) =>
      kind === "function" && home === section.index && value === start * SLOT && size > 0,
  );
  return symbol === undefined ? length : Math.min(length, Math.floor(symbol.size / SLOT));
}

const EXCEPTION_CALLBACK = "exception_callback:";

/** `__exception_cb(name)` of a program: nothing calls it, and it is appended last. */
function exceptionCallback({ btf, functions }: OpenObject, main: CodeFunction): CodeFunction | undefined {
  if (btf === undefined) return undefined;
  for (let id = btf.start; id < btf.count; id++) {
    if (btf.kindOf(id) !== "decl_tag") continue;
    const tag = btf.typeAt(id);
    if (tag.kind !== "decl_tag" || !tag.name.startsWith(EXCEPTION_CALLBACK) || btf.nameOf(tag.type) !== main.name)
      continue;
    const name = tag.name.slice(EXCEPTION_CALLBACK.length);
    return functions.find((one) => !one.isProgram && one.name === name);
  }
  return undefined;
}
