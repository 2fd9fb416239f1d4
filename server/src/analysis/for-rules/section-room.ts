/** What may lie beside a variable of the file in the map that all variables of its kind are in. */

import type { BpfModel, Global } from "../model.ts";
import { perModel } from "./per-model.ts";

/** At most so many bytes. */
export interface Room {
  readonly before: number;
  readonly behind: number;
}

interface Sized {
  readonly global: Global;
  readonly size: number;
  readonly alignment: number;
}

/** Undefined where somebody else may lie there too: a constant string, a variable of a function, one of another file. */
export function roomBeside(name: string, model: BpfModel): Room | undefined {
  const global = model.globals.find((one) => one.name === name);
  if (global === undefined || (global.kind !== "data" && global.kind !== "bss")) return undefined;
  const all = sized({ model }).get(global.kind);
  const at = all?.findIndex((one) => one.global === global) ?? -1;
  if (all === undefined || at < 0) return undefined;
  // Those that have a value are laid down one behind the other; where static ones come in depends on who uses them.
  const isInOrder = global.kind === "data" && all.every(({ global: { type } }) => !/\bstatic\b/.test(type));
  if (!isInOrder) {
    const others = all.reduce((sum, one) => (one.global === global ? sum : sum + one.size + one.alignment), 0);
    return { before: others, behind: others };
  }
  let end = 0;
  let start = 0;
  all.forEach(({ size, alignment }, i) => {
    const from = Math.ceil(end / alignment) * alignment;
    if (i === at) start = from;
    end = from + size;
  });
  return { before: start, behind: end - start - (all[at]?.size ?? 0) };
}

/** Of each kind all variables, in the order of the file; none where one of them is not understood. */
const sized = perModel([], ({ model }): ReadonlyMap<Global["kind"], readonly Sized[]> => {
  const found = new Map<Global["kind"], Sized[]>();
  if (model.headers.some(definesSome)) return found;
  if (model.functions.some((fn) => model.code.locals(fn).some(({ type }) => /\bstatic\b/.test(type)))) return found;
  const unknown = new Set<Global["kind"]>();
  for (const global of model.globals) {
    if ((global.kind !== "data" && global.kind !== "bss") || FORWARD.test(global.type)) continue;
    const text = model.code.textOf(global.range);
    const plain = global.type.replace(/\b(?:static|const|volatile|__hidden|__weak|__maybe_unused)\b\s*/g, "");
    const layout = model.layoutOf(`${plain}${global.bounds}`);
    // One declaration may make several, of which the model knows the first.
    if (isSeveral(text)) return new Map();
    // An array of one is what loaders make larger.
    if (layout === undefined || layout.size <= 0 || /^\[\s*1\s*\]/.test(global.bounds)) {
      unknown.add(global.kind);
      continue;
    }
    const list = found.get(global.kind) ?? [];
    list.push({ global, size: layout.size, alignment: Math.max(layout.align, 1) });
    found.set(global.kind, list);
  }
  for (const kind of unknown) found.delete(kind);
  return found;
});

/** `struct event;` */
const FORWARD = /^(?:struct|union|enum)$/;

/** Whether a header makes variables that can be written to. */
function definesSome({ outline }: BpfModel["headers"][number]): boolean {
  return outline.variables.some(
    ({ type, section }) => section === undefined && !FORWARD.test(type) && !/\b(?:extern|const|typedef)\b/.test(type),
  );
}

function isSeveral(text: string): boolean {
  let depth = 0;
  for (const char of text) {
    if (char === "(" || char === "{" || char === "[") depth++;
    else if (char === ")" || char === "}" || char === "]") depth--;
    else if (char === "," && depth === 0) return true;
  }
  return false;
}
