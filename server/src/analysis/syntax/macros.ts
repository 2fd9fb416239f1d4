/** What `#define`s say, of the file and of its headers: names that stand for attributes, sections, strings, programs. */

import { isIncludeGuard, truthOf } from "./conditionals.ts";
import { Cursor } from "./cursor.ts";
import { type Directive, IDENTIFIER, STRING, tokenize } from "./tokens.ts";
import type { Lookup } from "./types.ts";

export interface Define {
  readonly name: string;
  /** The parameters of a function-like macro; a variadic one comes last, as `...` or with its name before the dots. */
  readonly params: readonly string[] | undefined;
  readonly body: string;
  /** The build chooses between this meaning and another: `#ifdef X`, `#define N 1`, `#else`, `#define N 2`. */
  readonly isOneOfSeveral?: boolean;
  /**
   * It is 0 whatever is built: no `#if` stands around it but an include guard, and the text says nothing else of that name.
   * Included or not, before or behind: what is not defined is 0 as well. Of another number only the compiler is sure.
   */
  readonly isOff?: boolean;
}

export interface Macros {
  readonly defines: Lookup<Define>;
  /** Names that expand to nothing but attributes and storage classes: `#define statfunc static __always_inline`. */
  isAttribute(name: string): boolean;
  /** Function-like names that expand to a section attribute: `#define ELF_SEC(n) __attribute__((section(n)))`. */
  isSection(name: string): boolean;
  /** Function-like names that make a whole map or program, or the head of one. */
  makesDeclaration(name: string): boolean;
  /** Names that stand for whole statements, with the `;` or the braces in them. */
  isStatement(name: string): boolean;
  /** The string that tokens `from`–`to` make together; undefined when one of them is not known. */
  textOf(cursor: Cursor, from: number, to: number): string | undefined;
  /** The same as things stand at a place of the text. */
  at(offset: number): Macros;
}

/** The definitions of a text. */
export interface Defines {
  /** As they stand at its end. */
  readonly last: ReadonlyMap<string, Define>;
  /** Names that mean different things in different places, with each meaning and where it begins. */
  readonly changing: ReadonlyMap<string, readonly { readonly start: number; readonly define: Define }[]>;
}

/** Of definitions in alternative branches the first counts; of others the last before the place where it is used. */
export function readDefines(
  source: string,
  directives: readonly Directive[],
  isAlternative: (directive: Directive) => boolean,
): Defines {
  const last = new Map<string, Define>();
  const all = new Map<string, { readonly start: number; readonly define: Define }[]>();
  const others = new Set<string>();
  const sure = sureIn(source, directives);
  for (const directive of directives) {
    if (directive.name !== "define") continue;
    const plain = readDefine(source, directive);
    if (plain === undefined) continue;
    const isOff = plain.params === undefined && truthOf(plain.body) === false && sure.get(plain.name) === directive;
    const read: Define = isOff ? { ...plain, isOff } : plain;
    const before = last.get(read.name);
    const isOther = isAlternative(directive);
    const isOneOfSeveral = before !== undefined && before.body !== read.body && (isOther || others.has(read.name));
    if (isOther) others.add(read.name);
    if (isOther && before !== undefined) {
      if (isOneOfSeveral) replaceLast(last, all, { ...before, isOneOfSeveral });
      continue;
    }
    const define = isOneOfSeveral ? { ...read, isOneOfSeveral } : read;
    last.set(define.name, define);
    const places = all.get(define.name) ?? [];
    all.set(define.name, [...places, { start: directive.start, define }]);
  }
  return { last, changing: new Map([...all].filter(([, places]) => places.length > 1)) };
}

/** Of names that are defined once, and whatever is built, what defines them. */
function sureIn(source: string, directives: readonly Directive[]): ReadonlyMap<string, Directive> {
  const sure = new Map<string, Directive>();
  const seen = new Set<string>();
  /** Of the `#if`s that are open, whether they ask anything. */
  const open: boolean[] = [];
  directives.forEach((directive, i) => {
    const { name, bodyStart, end } = directive;
    if (name.startsWith("if")) open.push(!isIncludeGuard(source, directive, directives[i + 1]));
    else if (name === "endif") open.pop();
    else if (name === "define" || name === "undef") {
      const defined = /^\s*(\w+)/.exec(source.slice(bodyStart, end))?.[1] ?? "";
      if (seen.has(defined)) sure.delete(defined);
      else if (name === "define" && !open.includes(true)) sure.set(defined, directive);
      seen.add(defined);
    }
  });
  return sure;
}

function replaceLast(
  last: Map<string, Define>,
  all: Map<string, { readonly start: number; readonly define: Define }[]>,
  define: Define,
): void {
  last.set(define.name, define);
  const places = all.get(define.name) ?? [];
  const place = places.at(-1);
  if (place !== undefined) all.set(define.name, [...places.slice(0, -1), { ...place, define }]);
}

/** No section has a longer name. */
const MAX_STRING = 4096;

export function macrosOf({ last, changing }: Defines, known?: Lookup<Define>): Macros {
  const defines: Lookup<Define> = known === undefined ? last : { get: (name) => last.get(name) ?? known.get(name) };
  let depth = 0;
  /** `meanwhile` answers for a macro that is defined by way of itself, or of more others than anybody writes. */
  const remember = <T>(meanwhile: T, ask: (name: string) => T): ((name: string) => T) => {
    const answers = new Map<string, T>();
    return (name) => {
      const known = answers.get(name);
      if (known !== undefined || answers.has(name)) return known as T;
      if (depth >= MAX_DEPTH) return meanwhile;
      answers.set(name, meanwhile);
      depth++;
      const answer = ask(name);
      depth--;
      answers.set(name, answer);
      return answer;
    };
  };

  const stringOf = remember<string | undefined>(undefined, (name) => {
    const define = defines.get(name);
    if (define === undefined || define.params !== undefined || !define.body.includes('"')) return undefined;
    const body = new Cursor(define.body, tokenize(define.body));
    return textOf(body, 0, body.count - 1);
  });
  const isSection = remember(false, (name): boolean => {
    const define = defines.get(name);
    return define?.params?.length === 1 && isSectionBody(define, isSection, isAttribute);
  });
  const isAttribute = remember(false, (name): boolean => {
    const define = defines.get(name);
    if (define === undefined || define.params !== undefined) return false;
    return define.body === "" || isAllAttributes(define.body, isAttribute);
  });
  const isStatement = remember(false, (name): boolean => {
    const define = defines.get(name);
    if (define === undefined || define.params !== undefined) return false;
    if (/[;{]/.test(define.body)) return true;
    return /^[A-Za-z_]\w*(?:\s+[A-Za-z_]\w*)*$/.test(define.body) && define.body.split(/\s+/).every(isStatement);
  });
  const makesDeclaration = remember(false, (name): boolean => {
    const define = defines.get(name);
    if (define?.params === undefined || NEVER_EXPANDED.test(name) || isSection(name)) return false;
    const body = new Cursor(define.body, tokenize(define.body));
    for (let i = 0; i < body.count; i++) {
      if (body.kind(i) !== IDENTIFIER) continue;
      const word = body.text(i);
      if (word !== name && (DECLARING.has(word) || isSection(word) || makesDeclaration(word))) return true;
    }
    return false;
  });

  function textOf(cursor: Cursor, from: number, to: number): string | undefined {
    let text = "";
    for (let i = from; i <= to; i++) {
      const part = cursor.kind(i) === STRING ? unquote(cursor, i) : stringOf(cursor.text(i));
      if (part === undefined) return undefined;
      text += part;
      if (text.length > MAX_STRING) return undefined;
    }
    return text;
  }

  // Between two places where a meaning changes everything means the same: what is known there is kept.
  const changes = [...changing.values()].flatMap((places) => places.map(({ start }) => start)).sort((a, b) => a - b);
  const between = new Map<number, Macros>();
  const at = (offset: number): Macros => {
    if (changing.size === 0) return macros;
    const before = changes.findLastIndex((start) => start < offset);
    const same = between.get(before);
    if (same !== undefined) return same;
    const there = new Map(last);
    for (const [name, places] of changing) {
      const place = places.findLast(({ start }) => start < offset);
      if (place !== undefined) there.set(name, place.define);
    }
    const found = macrosOf({ last: there, changing: new Map() }, known);
    between.set(before, found);
    return found;
  };
  const macros: Macros = { defines, isAttribute, isSection, isStatement, makesDeclaration, textOf, at };
  return macros;
}

/** How many macros may lead to one another. */
const MAX_DEPTH = 100;

/** libbpf's own macros, which are understood as they are; a project may carry a copy of their definitions. */
const NEVER_EXPANDED =
  /^(?:SEC|__section|__uint|__ulong|__type|__array|BPF_(?:K|U|KSYS).*|BPF_PROG2?|BPF_USDT|BPF_CORE_.*|bpf_printk|___.*)$/;
/** What makes a map or a program. */
const DECLARING = new Set(["SEC", "__section", "__uint", "BPF_PROG", "BPF_KPROBE", "BPF_STRUCT_OPS"]);

const HEAD = /^\s*([A-Za-z_$][\w$]*)(?:\(([^)]*)\))?/;

function readDefine(source: string, directive: Directive): Define | undefined {
  const text = source.slice(directive.bodyStart, directive.end);
  const match = HEAD.exec(text);
  if (match?.[1] === undefined) return undefined;
  const params = match[2]
    ?.replace(/\\\r?\n/g, " ")
    .split(",")
    .map((param) => param.trim())
    .filter((param) => param !== "");
  const body = text
    .slice(match[0].length)
    .replace(/\\\r?\n/g, "\n")
    .trim();
  return { name: match[1], params, body };
}

const STORAGE = new Set(
  "static inline extern const volatile __inline __inline__ __always_inline __noinline __weak __hidden __maybe_unused".split(
    " ",
  ),
);

function isAllAttributes(text: string, isAttribute: (name: string) => boolean): boolean {
  const body = new Cursor(text, tokenize(text));
  for (let i = 0; i < body.count; i++) {
    const word = body.text(i);
    if ((word === "__attribute__" || word === "__attribute") && body.is(i + 1, "(")) {
      // A section is more than an attribute: it makes a program.
      if (/\bsection\b/.test(text)) return false;
      i = body.closing(i + 1);
    } else if (body.kind(i) !== IDENTIFIER || !(STORAGE.has(word) || isAttribute(word))) {
      return false;
    }
  }
  return body.count > 0;
}

function isSectionBody(
  { body }: Define,
  isSection: (name: string) => boolean,
  isAttribute: (name: string) => boolean,
): boolean {
  if (body.includes("{") || body.includes(";")) return false;
  if (/__attribute__?\s*\(\s*\(.*\bsection\s*\(/s.test(body)) return true;
  // `SEC(".data." #name) __hidden`: a section, and attributes behind it.
  const [mark, inner = ""] = /^(\w+)\s*\([^()]*\)/.exec(body) ?? [];
  if (mark === undefined || !(inner === "SEC" || isSection(inner))) return false;
  const rest = body.slice(mark.length).trim();
  return rest === "" || isAllAttributes(rest, isAttribute);
}

export function unquote(cursor: Cursor, i: number): string {
  const inside = cursor.insideQuotes(i);
  return cursor.text(i).slice(1, 1 + inside.end - inside.start);
}
