/** Whether clang surely makes a function of its own of one, and the edits after which it does not. */

import { insertAt, replace } from "../edits.ts";
import type { BpfFunction, BpfModel } from "../model.ts";
import type { Fix } from "../rule.ts";
import { callsNamed } from "./calls.ts";
import { blankStringsAndComments, wordsBeforeName } from "./declared-words.ts";
import { perPart } from "./per-model.ts";

export interface Outlined {
  /** What stands before the name, without the words that are no type: `struct pair`, `int *`. */
  readonly type: string;
  /** global: code is made of it whoever calls it · kept apart: only where it is called. */
  readonly how: "global" | "kept apart";
}

const KEPT_APART = /\b(?:__noinline|noinline)\b/;
const NO_TYPE =
  /\b(?:static|extern|const|volatile|__noinline|noinline|__weak|__hidden|__used|__maybe_unused|__attribute__\s*\(\(\s*(?:__)?(?:noinline|weak|used|unused|visibility\s*\([^()]*\))(?:__)?\s*\)\))/g;
/** One type, with nothing beside it that could be a macro. */
const ONE_TYPE =
  /^(?:(?:struct|union|enum)\s+\w+|(?:(?:unsigned|signed|long|short|int|char|__int128)\s*)+|(?!inline\b|_*inline_*\b|__always_inline\b)[A-Za-z_]\w*)\s*\**$/;

/**
 * Undefined for what clang may inline, and where a word is not known: a macro may stand for `static inline`. Global
 * functions are made whether they are inlined or not; those marked `inline` alone are not.
 */
export function outlined(fn: BpfFunction, model: BpfModel): Outlined | undefined {
  return outlinedIn(fn, { model });
}

const outlinedIn = perPart([], (fn: BpfFunction, { model }): Outlined | undefined => {
  if (fn.macro !== undefined || fn.section !== undefined || mayBeMacro(fn)) return undefined;
  const text = blankStringsAndComments(fn.head);
  const isKeptApart = KEPT_APART.test(text);
  if (fn.isStatic && !(isKeptApart && callsNamed(fn.name, model).length > 0)) return undefined;
  const type = text.replace(NO_TYPE, " ").replace(/\s+/g, " ").trim();
  if (!ONE_TYPE.test(type) || isAttribute(type, model)) return undefined;
  return { type, how: fn.isStatic ? "kept apart" : "global" };
});

/** `int ON_EXIT(f, code)`: a macro that nobody could read makes a function of this. */
function mayBeMacro({ name, params }: BpfFunction): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(name) || params.some((param) => param.name === "" && param.type !== "...");
}

/** A function that returns nothing said, `INTERNAL f(void)`: the word may be anything. */
function isAttribute(type: string, model: BpfModel): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(type) && model.layoutOf(type) === undefined;
}

/** Makes it `static __always_inline`; nothing where another declaration of it would then contradict. */
export function inlineIt(fn: BpfFunction, model: BpfModel): readonly Fix[] {
  const text = fn.head;
  if (model.declared(fn.name) !== undefined || /\b(?:__weak|weak|extern|__hidden|__attribute__)\b/.test(text))
    return [];
  const [apart] = wordsBeforeName(fn, KEPT_APART, model);
  const words = fn.isStatic ? "__always_inline" : "static __always_inline";
  const edit = apart === undefined ? insertAt(fn.range.start, `${words} `) : replace(apart, words);
  return [{ title: `Make ${fn.name}() ${words}`, edits: [edit] }];
}
