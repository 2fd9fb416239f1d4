/** Feature: semantic tokens. What only the knowledge base and the model can tell of a word; the grammar does the rest. */

import type { SemanticTokens } from "vscode-languageserver-types";
import type { KnowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import type { ContextFact } from "../analysis/knowledge/types.ts";
import type { BpfFunction, BpfModel } from "../analysis/model.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import { Cursor } from "../analysis/syntax/cursor.ts";
import { LOOP_MACROS, STATEMENT_WORDS } from "../analysis/syntax/dialect-words.ts";
import { IDENTIFIER, type Tokens, tokenize } from "../analysis/syntax/tokens.ts";
import type { Lines, Range, Span } from "../analysis/text.ts";

/** Types by their places in the legend, modifiers as bits. */
const FUNCTION = 0;
const MACRO = 1;
const VARIABLE = 2;
const PROPERTY = 3;

const DECLARATION = 1;
const DEFAULT_LIBRARY = 2;
const KERNEL = 4;
const MAP = 8;
const PROGRAM = 16;

interface Token extends Span {
  readonly type: number;
  readonly modifiers: number;
}

/** Null rather than none: then the tokens of another provider are shown. */
export function semanticTokens(file: Snapshot, kb: KnowledgeBase, range?: Range): SemanticTokens | null {
  const [from, to] =
    range === undefined ? [0, file.text.length] : [file.lines.offsetAt(range.start), file.lines.offsetAt(range.end)];
  const tokens = tokensOf(file, kb).filter(({ start, end }) => start < to && end > from);
  return tokens.length === 0 ? null : { data: encoded(tokens, file.lines) };
}

function tokensOf(file: Snapshot, kb: KnowledgeBase): readonly Token[] {
  const { text, model } = file;
  const tokens = model.code.tokensIn({ start: 0, end: text.length });
  const meanings = meaningsIn(model, kb);
  const places = placesOf(file, kb);
  const found: Token[] = [];
  walk(new Cursor(text, tokens), tokens, { meanings, places, found });
  for (const { name, bodyStart, end } of tokens.directives) {
    if (name !== "define") continue;
    const body = tokenize(text, bodyStart, end);
    walk(new Cursor(text, body), body, { meanings, places, found });
  }
  return found.sort((a, b) => a.start - b.start);
}

interface Walk {
  readonly meanings: (word: string) => Meaning | undefined;
  readonly places: Places;
  readonly found: Token[];
}

function walk(cursor: Cursor, { kinds, count }: Tokens, { meanings, places, found }: Walk): void {
  for (let i = 0; i < count; i++) {
    if (kinds[i] !== IDENTIFIER || isMember(cursor, i)) continue;
    const word = cursor.text(i);
    const declared = places.declared.get(cursor.start(i));
    if (declared !== undefined) {
      // A macro that makes a program may leave nothing of its name.
      if (declared.name === word) found.push({ ...cursor.span(i), ...declared });
      continue;
    }
    const meaning = meanings(word);
    if (meaning !== undefined) use(cursor, i, word, meaning, places, found);
    else if (isFollowedByMember(cursor, i)) fields(cursor, i, places.contextAt(cursor.start(i), word), found);
  }
}

function use(cursor: Cursor, i: number, word: string, meaning: Meaning, places: Places, found: Token[]): void {
  const { type, modifiers } = meaning;
  if (type === VARIABLE) {
    const isOther = isDeclarator(cursor, i);
    if (isOther) places.shadow(cursor.start(i), word);
    if (isOther || places.isShadowed(cursor.start(i), word)) return;
  } else if (!cursor.is(i + 1, "(")) return;
  found.push({ ...cursor.span(i), type, modifiers });
}

/** `ctx->data`, and what hangs on a field that points to another such structure. */
function fields(cursor: Cursor, base: number, structure: Structure | undefined, found: Token[]): void {
  let context = structure?.context;
  for (let i = base + 1; context !== undefined; i++) {
    if (cursor.is(i, "-") && cursor.is(i + 1, ">")) i += 2;
    else if (cursor.is(i, ".")) i++;
    else return;
    const field = context.fields.find(({ name }) => name === cursor.text(i));
    if (field === undefined) return;
    found.push({ ...cursor.span(i), type: PROPERTY, modifiers: 0 });
    context = structure?.of(field.type);
  }
}

function isMember(cursor: Cursor, i: number): boolean {
  return cursor.is(i - 1, ".") || (cursor.is(i - 1, ">") && cursor.is(i - 2, "-"));
}

function isFollowedByMember(cursor: Cursor, i: number): boolean {
  return cursor.is(i + 1, ".") || (cursor.is(i + 1, "-") && cursor.is(i + 2, ">"));
}

/** `__u64 counts`, `struct counts` and `char *counts`: something else of a map's name. */
function isDeclarator(cursor: Cursor, i: number): boolean {
  if (cursor.is(i - 1, "*")) return true;
  return cursor.kind(i - 1) === IDENTIFIER && !STATEMENT_WORDS.has(cursor.text(i - 1)) && cursor.text(i - 1) !== "else";
}

interface Meaning {
  readonly type: number;
  readonly modifiers: number;
}

/** What a word means wherever it is used; a file has far more words than different ones. */
function meaningsIn(model: BpfModel, kb: KnowledgeBase): (word: string) => Meaning | undefined {
  const known = new Map<string, Meaning | undefined>();
  for (const { name } of [...model.maps, ...model.outside.maps]) known.set(name, { type: VARIABLE, modifiers: MAP });
  for (const { name } of model.kfuncs) known.set(name, { type: FUNCTION, modifiers: KERNEL });
  return (word) => {
    const before = known.get(word);
    if (before !== undefined || known.has(word)) return before;
    const meaning = meaningOf(word, kb);
    const ours = meaning === undefined || model.redefines(word) ? undefined : meaning;
    known.set(word, ours);
    return ours;
  };
}

function meaningOf(word: string, kb: KnowledgeBase): Meaning | undefined {
  if (kb.helper(word) !== undefined) return { type: FUNCTION, modifiers: DEFAULT_LIBRARY };
  // Some names of the kernel's own could be anybody's: those count where the file declares them.
  if (kb.kfunc(word) !== undefined && word.includes("bpf_")) return { type: FUNCTION, modifiers: KERNEL };
  const macro = kb.macro(word);
  // Words such as `__weak` and `bpf_for` look like what they are: modifiers and loops. The grammar sees to that.
  if (macro?.params === undefined || LOOP_MACROS.has(word)) return undefined;
  return macro.function ? { type: FUNCTION, modifiers: DEFAULT_LIBRARY } : { type: MACRO, modifiers: 0 };
}

/** What depends on where a word stands. */
interface Places {
  readonly declared: ReadonlyMap<number, Meaning & { readonly name: string }>;
  /** The structure that a parameter of the function around a place points to. */
  contextAt(offset: number, param: string): Structure | undefined;
  /** From here to the end of its function a name means something else. */
  shadow(offset: number, name: string): void;
  isShadowed(offset: number, name: string): boolean;
}

interface Structure {
  readonly context: ContextFact;
  readonly of: (type: string) => ContextFact | undefined;
}

function placesOf({ model, lines }: Snapshot, kb: KnowledgeBase): Places {
  const of = (type: string): ContextFact | undefined => {
    const name = /\bstruct\s+(\w+)\s*\*/.exec(type)?.[1];
    return name === undefined ? undefined : kb.context(name);
  };
  const bodyAt = bodyFinder(model.functions, lines);
  return {
    declared: declaredIn(model, lines),
    contextAt: (offset, name) => {
      const body = bodyAt(offset);
      const type = body?.types().get(name);
      const context = type === undefined || body?.shadowed.has(name) ? undefined : of(type);
      return context && { context, of };
    },
    shadow: (offset, name) => void bodyAt(offset)?.shadowed.add(name),
    isShadowed: (offset, name) => bodyAt(offset)?.shadowed.has(name) === true,
  };
}

function declaredIn({ programs, maps, kfuncs }: BpfModel, lines: Lines): Places["declared"] {
  const found = new Map<number, Meaning & { readonly name: string }>();
  const add = (list: readonly { readonly name: string; readonly nameRange: Range }[], meaning: Meaning): void => {
    for (const { name, nameRange } of list) found.set(lines.offsetAt(nameRange.start), { name, ...meaning });
  };
  add(programs, { type: FUNCTION, modifiers: DECLARATION | PROGRAM });
  add(maps, { type: VARIABLE, modifiers: DECLARATION | MAP });
  add(kfuncs, { type: FUNCTION, modifiers: DECLARATION | KERNEL });
  return found;
}

interface Body extends Span {
  /** Types of the parameters by name. */
  readonly types: () => ReadonlyMap<string, string>;
  readonly shadowed: Set<string>;
}

/** The function around an offset. Most are asked for in the order of the text, so the last answer is tried first. */
function bodyFinder(functions: readonly BpfFunction[], lines: Lines): (offset: number) => Body | undefined {
  const bodies = functions.map((fn): Body => {
    let types: ReadonlyMap<string, string> | undefined;
    return {
      start: lines.offsetAt(fn.range.start),
      end: lines.offsetAt(fn.range.end),
      types: () => {
        types ??= new Map(fn.params.map(({ name, type }) => [name, type]));
        return types;
      },
      shadowed: new Set(),
    };
  });
  let last: Body | undefined;
  return (offset) => {
    const holds = ({ start, end }: Body): boolean => start <= offset && offset < end;
    if (last === undefined || !holds(last)) last = bodies.find(holds);
    return last;
  };
}

/** Five numbers a token: lines and columns from the one before, length, type, modifiers. */
function encoded(tokens: readonly Token[], lines: Lines): number[] {
  const data: number[] = [];
  let [line, character] = [0, 0];
  for (const { start, end, type, modifiers } of tokens) {
    const position = lines.positionAt(start);
    if (position.line !== line) character = 0;
    data.push(position.line - line, position.character - character, end - start, type, modifiers);
    ({ line, character } = position);
  }
  return data;
}
