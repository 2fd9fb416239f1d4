/** What the variables of a program take of its stack of 512 bytes, about: clang may do without some, and spill others. */

import { cursorOver, type Local } from "../analysis/code.ts";
import type { BpfFunction, BpfModel } from "../analysis/model.ts";
import { rememberedOf } from "../analysis/remember.ts";
import { stringSize } from "../analysis/syntax/literals.ts";
import { containsPosition } from "../analysis/text.ts";

export interface StackEstimate {
  readonly bytes: number;
  /** The variables that make it up. */
  readonly variables: readonly Local[];
}

/** Along the calls that need most; undefined where the size of a variable on the way is not known. */
export function stackOf(program: BpfFunction, model: BpfModel): StackEstimate | undefined {
  const { byName, callees, frames } = graphOf(model);
  const known = new Map<string, StackEstimate | undefined>();
  const visit = (fn: BpfFunction, above: ReadonlySet<string>): StackEstimate | undefined => {
    if (known.has(fn.name)) return known.get(fn.name);
    const here = new Set(above).add(fn.name);
    let deepest: StackEstimate | undefined = { bytes: 0, variables: [] };
    for (const name of callees.get(fn.name) ?? []) {
      const callee = byName.get(name);
      if (callee === undefined || above.has(name)) continue;
      const below = visit(callee, here);
      if (below === undefined) deepest = undefined;
      else if (deepest !== undefined && below.bytes > deepest.bytes) deepest = below;
    }
    const own = frames.has(fn) ? frames.get(fn) : frameOf(fn, model);
    frames.set(fn, own);
    const all: StackEstimate | undefined = own &&
      deepest && { bytes: own.bytes + deepest.bytes, variables: [...own.variables, ...deepest.variables] };
    known.set(fn.name, all);
    return all;
  };
  return visit(program, new Set());
}

/** The functions that calls come to, without programs: those are no part of others. A frame is looked at once for all programs. */
const graphOf = rememberedOf((model: BpfModel) => {
  const byName = new Map(model.functions.map((fn) => [fn.name, fn]));
  const callees = new Map<string, Set<string>>();
  for (const { name, in: caller } of model.calls) {
    if (caller === undefined || byName.get(name)?.section !== undefined || !byName.has(name)) continue;
    const named = callees.get(caller.name) ?? new Set();
    callees.set(caller.name, named.add(name));
  }
  return { byName, callees, frames: new Map<BpfFunction, StackEstimate | undefined>() };
});

/** The most that lives at one time: the variables of a block and of those around it, each on 8 bytes. */
function frameOf(fn: BpfFunction, model: BpfModel): StackEstimate | undefined {
  const kept: { readonly local: Local; readonly bytes: number }[] = [];
  for (const local of model.code.locals(fn)) {
    if (/\b(?:static|extern|typedef)\b/.test(local.type) || !isInMemory(local, fn, model)) continue;
    const bytes = sizeOf(local, model);
    if (bytes === undefined) return undefined;
    kept.push({ local, bytes: 8 * Math.ceil(bytes / 8) });
  }
  let most: StackEstimate = { bytes: 0, variables: [] };
  for (const { local } of kept) {
    const alive = kept.filter((other) => containsPosition(other.local.scope, local.range.start));
    const bytes = alive.reduce((sum, one) => sum + one.bytes, 0);
    if (bytes > most.bytes) most = { bytes, variables: alive.map((one) => one.local) };
  }
  return most;
}

function sizeOf({ type, dimensions, initialiser }: Local, { layoutOf }: BpfModel): number | undefined {
  const [first, ...others] = dimensions;
  const count = first?.trim() === "" ? elementsIn(initialiser) : first;
  if (count === undefined && first !== undefined) return undefined;
  const plain = type.replace(/\b(?:const|volatile|register)\b\s*/g, "");
  const all = count === undefined ? [] : [count, ...others];
  return layoutOf(`${plain}${all.map((dimension) => `[${dimension}]`).join("")}`)?.size;
}

/** How many elements an array without a number has; undefined where what it begins with does not just list them. */
function elementsIn(initialiser = ""): number | undefined {
  const cursor = cursorOver(initialiser);
  if (initialiser.startsWith('"')) {
    let size = 1;
    for (let i = 0; i < cursor.count; i++) {
      if (!cursor.text(i).startsWith('"')) return undefined;
      size += stringSize(cursor.text(i));
    }
    return size;
  }
  if (!cursor.is(0, "{")) return undefined;
  const end = cursor.closing(0);
  let count = 0;
  for (let i = 1; i < end; i++) {
    // `[5] = …` may make it longer than its list.
    if (cursor.is(i, "[")) return undefined;
    count++;
    while (i < end && !cursor.is(i, ",")) i = Math.max(i, cursor.closing(i)) + 1;
  }
  return count;
}

/** An array or a structure, or a number whose address is taken. */
function isInMemory({ text, type, dimensions }: Local, fn: BpfFunction, { code }: BpfModel): boolean {
  if (dimensions.length > 0) return true;
  if (type.endsWith("*")) return isAddressTaken(text, fn, code);
  return /\b(?:struct|union)\b/.test(type) || isAddressTaken(text, fn, code);
}

function isAddressTaken(name: string, fn: BpfFunction, code: BpfModel["code"]): boolean {
  const { lines, text } = code;
  return code.uses(name).some((use) => {
    if (use.in?.name !== fn.name) return false;
    const before = text.slice(Math.max(0, lines.offsetAt(use.range.start) - 8), lines.offsetAt(use.range.start));
    return /(?:^|[^&\w)\]])\s*&\s*$/.test(before);
  });
}
