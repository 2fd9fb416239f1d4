/**
 * Every name that stands in one text, and what it belongs to: the whole file, or a block, a function's parameters, a macro's.
 *
 * Read from the tokens, so that half-typed code has names as well. Branches that are not compiled and the bodies of `#define`s
 * count: who renames a thing means them too. Members of structures have no place of their own here.
 */

import { bccMap } from "../bcc.ts";
import { Cursor } from "../syntax/cursor.ts";
import type { Expansion, Lowered } from "../syntax/dialect.ts";
import {
  ASM_WORDS,
  ATTRIBUTE_CALLS,
  ATTRIBUTE_WORDS,
  SECTION_MACROS,
  STATEMENT_WORDS,
  TAG_KEYWORDS,
} from "../syntax/dialect-words.ts";
import type { Outline } from "../syntax/outline.ts";
import { type Directive, IDENTIFIER, STRING, tokenize } from "../syntax/tokens.ts";
import type { Span } from "../text.ts";
import { isMember, memberArguments } from "./member-words.ts";

/** C has one name for several things: tags and labels stand beside the others. */
export type Space = "name" | "tag" | "label";

export type DeclaredKind =
  | "function"
  | "variable"
  | "typedef"
  | "enumerator"
  | "macro"
  | "struct"
  | "union"
  | "enum"
  | "parameter"
  | "local"
  | "label";

/** What only a part of the text knows. */
export interface Local {
  readonly name: string;
  readonly kind: DeclaredKind;
  /** Where it is known, from its declaration on. */
  readonly scope: { readonly start: number; end: number };
  /** False for what a macro brings along: the `ctx` of BPF_PROG(). */
  readonly isWritten: boolean;
  /** Declared by a `#define` outside of braces: known wherever the macro is used, and nobody here knows where that is. */
  readonly leaks: boolean;
}

export interface Mention extends Span {
  readonly name: string;
  readonly space: Space;
  /** Undefined for what the whole file knows, or nobody. */
  readonly local: Local | undefined;
  readonly role: "definition" | "declaration" | "use";
  /** What a declaration declares. */
  readonly kind: DeclaredKind | undefined;
  /** The macro in whose definition it stands: it means what the name means where the macro is used. */
  readonly macro?: string | undefined;
}

/** Something that a macro makes under a name that is nowhere written. */
export interface Made extends Span {
  readonly name: string;
  readonly kind: DeclaredKind;
}

export interface Mentions {
  /** In the order of the text. */
  readonly list: readonly Mention[];
  readonly made: readonly Made[];
}

export function readMentions(lowered: Lowered, outline: Outline): Mentions {
  const { list, locals, made } = new Reader(lowered, lowered.cursor, outline).top();
  const known = localFinder(locals);
  for (const directive of lowered.tokens.directives) readDirective(lowered, directive, list);
  readDropped(lowered, known, list);
  return { list: list.sort((a, b) => a.start - b.start), made };
}

/** The innermost of a name that is known at an offset. */
function localFinder(locals: readonly Local[]): (name: string, offset: number) => Local | undefined {
  const byName = new Map<string, Local[]>();
  for (const local of locals) {
    const list = byName.get(local.name);
    if (list === undefined) byName.set(local.name, [local]);
    else list.push(local);
  }
  return (name, offset) => byName.get(name)?.findLast(({ scope: { start, end } }) => start <= offset && offset < end);
}

/** Branches of which another was read: their brackets do not add up, so their words are taken one by one. */
function readDropped(
  { source, dropped, tokens }: Lowered,
  known: (name: string, offset: number) => Local | undefined,
  list: Mention[],
): void {
  if (dropped.length === 0) return;
  const cursor = new Cursor(source, tokens);
  for (const { start, end } of dropped) {
    for (let i = cursor.firstFrom(start); i < cursor.count && cursor.start(i) < end; i++) {
      if (cursor.kind(i) !== IDENTIFIER || isMember(cursor, i)) continue;
      const name = cursor.text(i);
      if (isKeyword(name)) continue;
      const space = TAG_KEYWORDS.has(cursor.text(i - 1)) ? "tag" : "name";
      const local = space === "name" ? known(name, cursor.start(i)) : undefined;
      list.push({ ...cursor.span(i), name, space, local, role: "use", kind: undefined });
    }
  }
}

const CONDITIONS = new Set(["if", "elif", "ifdef", "ifndef", "undef"]);

function readDirective(lowered: Lowered, { name, bodyStart, end }: Directive, list: Mention[]): void {
  const isDefine = name === "define";
  if (!isDefine && !CONDITIONS.has(name)) return;
  const cursor = new Cursor(lowered.source, tokenize(lowered.source, bodyStart, end));
  const reader = new Reader(lowered, cursor, undefined);
  list.push(...(isDefine ? reader.define(end) : reader.condition()));
}

const KEYWORDS: ReadonlySet<string> = new Set(
  `if else for while do switch case default break continue goto return sizeof struct union enum typedef static extern inline
  const volatile register void char short int long unsigned signed float double bool _Bool auto restrict typeof __typeof__
  __typeof asm __asm__ __asm __volatile__ _Static_assert static_assert alignof _Alignof __alignof__ __attribute__ __attribute
  __extension__ _Generic _Noreturn __inline __inline__ __restrict __restrict__ __signed__ __const__ __auto_type __int128
  defined _Complex _Atomic _Alignas _Thread_local __VA_ARGS__ __VA_OPT__ __func__ __label__`.split(/\s+/),
);

/** Words that begin a declaration, and are no names. */
const TYPE_STARTS: ReadonlySet<string> = new Set(
  `struct union enum typedef static extern inline const volatile register void char short int long unsigned signed float double
  bool _Bool auto typeof __typeof__ __typeof __inline __inline__ __signed__ __const__ __auto_type __int128 _Noreturn _Atomic
  _Alignas _Thread_local __extension__`.split(/\s+/),
);

/** Of these the ones that say nothing about the type. */
const NO_TYPES: ReadonlySet<string> = new Set(
  `typedef static extern inline const volatile register restrict __restrict __restrict__ __inline __inline__ __const__
  __extension__ _Noreturn _Alignas _Thread_local`.split(/\s+/),
);

const TYPEOF = /^(?:typeof|__typeof__|__typeof)$/;
const ATTRIBUTE = /^__attribute(?:__)?$/;

export function isKeyword(word: string): boolean {
  return KEYWORDS.has(word);
}

/** Deeper nesting is read without scopes. */
const MAX_DEPTH = 150;

interface Scope {
  readonly names: Map<string, Local>;
  readonly parent: Scope | undefined;
}

type Place = "top" | "block" | "member" | "param";

/** The state of one declaration while its words are read. */
interface Specifiers {
  isTypedef: boolean;
  isExtern: boolean;
  hasType: boolean;
}

/** One pass over the tokens of a text. A class because it carries the scope through small steps. */
class Reader {
  readonly list: Mention[] = [];
  readonly locals: Local[] = [];
  readonly made: Made[] = [];
  private readonly lowered: Lowered;
  private readonly c: Cursor;
  private readonly outline: Outline | undefined;
  private readonly declaredAt = new Map<number, DeclaredKind>();
  private readonly bodyEnds = new Map<number, number>();
  private readonly expansionAt = new Map<number, Expansion>();
  private readonly programAt = new Set<number>();
  private readonly attributeAt = new Set<number>();
  private scope: Scope | undefined;
  private labels: Map<string, Local> | undefined;
  private macro: string | undefined;
  private depth = 0;
  /** The last token of the function that is being read. */
  private limit = Number.MAX_SAFE_INTEGER;

  constructor(lowered: Lowered, cursor: Cursor, outline: Outline | undefined) {
    this.lowered = lowered;
    this.c = cursor;
    this.outline = outline;
    if (outline === undefined) return;
    for (const expansion of lowered.islands.expansions) this.expansionAt.set(expansion.token, expansion);
    for (const { token } of lowered.islands.programMacros) this.programAt.add(token);
    const { attributes, sections } = lowered.islands;
    for (const { start } of attributes) this.attributeAt.add(start);
    for (const { start } of sections) this.attributeAt.add(start);
    this.readOutline(outline);
  }

  /** Names that macros make are known from what they expand to. */
  private readOutline({ functions, variables, prototypes }: Outline): void {
    const add = (list: readonly { readonly name: string; readonly nameSpan: Span }[], kind: DeclaredKind): void => {
      for (const { name, nameSpan } of list) {
        const isWritten =
          this.lowered.source.startsWith(name, nameSpan.start) && nameSpan.end - nameSpan.start === name.length;
        if (isWritten) this.declaredAt.set(nameSpan.start, kind);
        else this.made.push({ ...nameSpan, name, kind });
      }
    };
    add(functions, "function");
    add(variables, "variable");
    add(prototypes, "function");
    for (const { bodySpan } of functions) this.bodyEnds.set(bodySpan.start, bodySpan.end);
  }

  top(): this {
    const { c } = this;
    for (let i = 0; i < c.count; ) i = Math.max(i + 1, this.declaration(i, c.count, "top"));
    return this;
  }

  /** `NAME(params) body`. */
  define(end: number): readonly Mention[] {
    const { c } = this;
    if (c.kind(0) !== IDENTIFIER) return [];
    this.push(0, "name", undefined, "definition", "macro");
    this.macro = c.text(0);
    this.open();
    let from = 1;
    // Parameters follow the name without a blank.
    if (c.is(1, "(") && c.start(1) === c.end(0)) {
      from = this.closing(1) + 1;
      for (let i = 2; i < from - 1; i++) if (c.kind(i) === IDENTIFIER) this.declareLocal(i, "parameter");
    }
    this.statements(from, c.count);
    this.close(end);
    return this.list;
  }

  condition(): readonly Mention[] {
    const { c } = this;
    for (let i = 0; i < c.count; i++) if (c.kind(i) === IDENTIFIER && !isKeyword(c.text(i))) this.use(i);
    return this.list;
  }

  private open(): void {
    this.scope = { names: new Map(), parent: this.scope };
    this.depth++;
  }

  private close(end: number): void {
    for (const local of this.scope?.names.values() ?? []) local.scope.end = end;
    this.scope = this.scope?.parent;
    this.depth--;
  }

  private push(i: number, space: Space, local: Local | undefined, role: Mention["role"], kind?: DeclaredKind): void {
    const { c } = this;
    this.list.push({ start: c.start(i), end: c.end(i), name: c.text(i), space, local, role, kind, macro: this.macro });
  }

  private find(name: string): Local | undefined {
    for (let scope = this.scope; scope !== undefined; scope = scope.parent) {
      const found = scope.names.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private use(i: number): void {
    const kind = this.declaredAt.get(this.c.start(i));
    if (kind !== undefined && this.scope === undefined) this.push(i, "name", undefined, "definition", kind);
    else this.push(i, "name", this.find(this.c.text(i)), "use");
  }

  private declareLocal(i: number, kind: DeclaredKind, role: Mention["role"] = "definition"): void {
    const { c, scope } = this;
    if (scope === undefined) return;
    if (this.isPasted(i)) {
      this.word(i);
      return;
    }
    const name = c.text(i);
    // Declared again in another branch of an `#if`: the same thing to who reads it.
    const local = scope.names.get(name) ?? this.newLocal(name, kind, c.start(i), true);
    scope.names.set(name, local);
    this.push(i, "name", local, role, local.kind);
  }

  private newLocal(name: string, kind: DeclaredKind, start: number, isWritten: boolean): Local {
    const leaks = this.macro !== undefined && kind !== "parameter" && this.scope?.parent === undefined;
    const local: Local = { name, kind, scope: { start, end: Number.POSITIVE_INFINITY }, isWritten, leaks };
    this.locals.push(local);
    return local;
  }

  private declare(i: number, kind: DeclaredKind, role: Mention["role"]): void {
    if (this.scope === undefined) this.push(i, "name", undefined, role, kind);
    else if (kind === "function" || role === "declaration") this.push(i, "name", undefined, "declaration", kind);
    else this.declareLocal(i, kind === "variable" ? "local" : kind);
  }

  private isWord(i: number): boolean {
    return this.c.kind(i) === IDENTIFIER && !isKeyword(this.c.text(i));
  }

  /** Reads from `i` to behind the `;` or the body; in a `param` to `end`. Gives where to go on. */
  private declaration(i: number, end: number, place: Place): number {
    const { c } = this;
    if (this.depth > MAX_DEPTH) return this.expression(i, end) + 1;
    const said: Specifiers = { isTypedef: false, isExtern: false, hasType: false };
    let k = i;
    while (k < end) {
      const next = this.specifier(k, end, place, said);
      if (next === undefined) break;
      k = next;
    }
    if (k >= end) return end;
    if (c.is(k, ";")) return k + 1;
    if (c.is(k, "{")) return this.body(k, end, place);
    return this.declarators(k, end, place, said);
  }

  /** One word in front of the declared name with what belongs to it; undefined where the name begins. */
  private specifier(k: number, end: number, place: Place, said: Specifiers): number | undefined {
    const { c } = this;
    if (c.kind(k) !== IDENTIFIER) return undefined;
    const word = c.text(k);
    const expansion = place === "top" ? this.expansionAt.get(k) : undefined;
    if (expansion !== undefined) return this.expansion(k, end, expansion, said);
    if (TAG_KEYWORDS.has(word)) {
      said.hasType = true;
      return this.tag(k, end);
    }
    if (TYPEOF.test(word) && c.is(k + 1, "(")) {
      said.hasType = true;
      return this.parens(k + 1);
    }
    if (word === "_Static_assert" || word === "static_assert") return this.parens(k + 1);
    const attribute = this.attribute(k, place);
    if (attribute !== undefined) return attribute;
    if (isKeyword(word)) {
      if (word === "typedef") said.isTypedef = true;
      else if (word === "extern") said.isExtern = true;
      else if (!NO_TYPES.has(word)) said.hasType = true;
      // `extern "C"`, `_Alignas(8)`.
      return c.is(k + 1, "(") && /lignas$|_Atomic/.test(word) ? this.parens(k + 1) : k + 1;
    }
    if (this.programAt.has(k) && this.outline !== undefined) return undefined;
    // No member is declared like this: `__uint(type, X)` or a macro of the project's.
    if (place === "member" && c.is(k + 1, "(") && !c.is(k + 2, "*")) return this.wholeCall(k, end);
    if (said.hasType && !this.isFollowedByName(k, end)) return undefined;
    if (!said.hasType && this.isNameWithoutType(k, place)) return undefined;
    said.hasType = true;
    this.use(k);
    return !this.isFollowedByName(k, end) && c.is(k + 1, "(") && !c.is(k + 2, "*") ? this.parens(k + 1) : k + 1;
  }

  private wholeCall(k: number, end: number): number {
    const next = this.call(k, end);
    return next === k + 1 ? this.parens(k + 1) : next;
  }

  /** `f(void) {` at the top, and `name = …`: C of the oldest kind, or a macro in front that was not understood. */
  private isNameWithoutType(k: number, place: Place): boolean {
    const { c } = this;
    return place === "top" && this.declaredAt.has(c.start(k)) && !this.isFollowedByName(k, c.count);
  }

  /** Whether another word follows that can be the declared name, stars and attributes passed over. */
  private isFollowedByName(k: number, end: number): boolean {
    const { c } = this;
    let i = k + 1;
    while (i < end) {
      if (c.is(i, "*")) i++;
      else if (c.kind(i) !== IDENTIFIER) break;
      else if (NO_TYPES.has(c.text(i))) i++;
      else {
        const after = this.passedAttribute(i);
        if (after === undefined) return true;
        i = after;
      }
    }
    return false;
  }

  /** The token behind an attribute at `i`, without a look inside. */
  private passedAttribute(i: number): number | undefined {
    const { c } = this;
    const word = c.text(i);
    const isAttribute = ATTRIBUTE.test(word) || this.isAttributeWord(i, word);
    if (!isAttribute || this.programAt.has(i)) return undefined;
    return c.is(i + 1, "(") ? this.closing(i + 1) + 1 : i + 1;
  }

  /** In a `#define` nobody has looked for attributes, so there the usual ones count. */
  private isAttributeWord(i: number, word: string): boolean {
    if (this.outline !== undefined) return this.attributeAt.has(this.c.start(i));
    return (
      ATTRIBUTE_WORDS.has(word) || (this.c.is(i + 1, "(") && (SECTION_MACROS.has(word) || ATTRIBUTE_CALLS.has(word)))
    );
  }

  /** `SEC("x")`, `__always_inline`, `__attribute__((…))`. */
  private attribute(i: number, place: Place): number | undefined {
    const { c } = this;
    const word = c.text(i);
    if (place === "member" && this.lowered.islands.members.length > 0 && /^__(?:uint|ulong|type|array)$/.test(word))
      return undefined;
    const after = this.passedAttribute(i);
    if (after === undefined) return undefined;
    if (ATTRIBUTE.test(word)) this.attributeWords(i + 1, after - 1);
    else {
      this.use(i);
      if (after > i + 1 && word !== "__contains") this.expression(i + 2, after - 1);
    }
    return after;
  }

  /** What stands between the parentheses of an attribute's own words; these are no names. */
  private attributeWords(open: number, close: number): void {
    const { c } = this;
    for (let i = open + 1; i < close; i++) {
      if (c.kind(i) !== IDENTIFIER || !c.is(i + 1, "(")) continue;
      const end = Math.min(this.closing(i + 1), close);
      this.expression(i + 2, end);
      i = end;
    }
  }

  /** A macro call where a declaration begins. What it declares by name is known from the outline. */
  private expansion(k: number, end: number, call: Expansion, said: Specifiers): number {
    const { c } = this;
    const close = call.lastToken;
    this.use(k);
    const map = bccMap(call.macro, call.args);
    const name = map && call.argSpans[map.nameAt];
    if (name !== undefined) this.declaredAt.set(name.start, "variable");
    this.expression(k + 2, close);
    const next = close + 1;
    if (c.is(next, "{")) return this.function(next, end);
    if (c.is(next, "(")) {
      this.open();
      this.params(next, this.closing(next));
      const after = this.body(this.closing(next) + 1, end, "top");
      this.close(c.end(after - 1));
      return after;
    }
    // A declaration of its own has begun.
    said.hasType = false;
    return c.is(next, ";") ? next + 1 : next;
  }

  private function(brace: number, end: number): number {
    this.open();
    const after = this.body(brace, end, "top");
    this.close(this.c.end(after - 1));
    return after;
  }

  private body(brace: number, end: number, place: Place): number {
    const { c } = this;
    if (!c.is(brace, "{")) return brace;
    const close = this.blockEnd(brace, end);
    const isOutermost = place === "top";
    if (isOutermost) {
      this.labels = new Map();
      this.limit = close;
    }
    this.block(brace, close);
    for (const { scope } of this.labels?.values() ?? []) scope.end = c.end(close);
    if (isOutermost) {
      this.labels = undefined;
      this.limit = Number.MAX_SAFE_INTEGER;
    }
    return close + 1;
  }

  /** No bracket of a function leads out of it, closed or not. */
  private closing(open: number): number {
    return Math.min(this.c.closing(open), this.limit);
  }

  /** In a half-typed file a brace may have swallowed the functions after it: then the outline knows better. */
  private blockEnd(brace: number, end: number): number {
    const { c } = this;
    const close = Math.min(this.closing(brace), end);
    const known = this.bodyEnds.get(c.start(brace));
    if (known === undefined || known >= c.end(close)) return close;
    return Math.max(brace, c.firstFrom(known) - 1);
  }

  /** `struct x`, with its body where it has one. Gives the token behind. */
  private tag(k: number, end: number): number {
    const { c } = this;
    const keyword = c.text(k) as "struct" | "union" | "enum";
    let i = k + 1;
    for (let after = this.attributeBehindTag(i); after !== undefined && i < end; after = this.attributeBehindTag(i))
      i = after;
    let named: number | undefined;
    if (this.isWord(i)) named = i++;
    // `enum x : u8 { … }`.
    if (keyword === "enum" && c.is(i, ":") && c.kind(i + 1) === IDENTIFIER && c.is(i + 2, "{")) i += 2;
    const hasBody = c.is(i, "{");
    if (named !== undefined) {
      const role = hasBody ? "definition" : c.is(i, ";") && this.startsDeclaration(k) ? "declaration" : "use";
      this.push(named, "tag", undefined, role, role === "use" ? undefined : keyword);
    }
    if (!hasBody || this.depth > MAX_DEPTH) return i;
    this.depth++;
    const close = Math.min(this.closing(i), end);
    if (keyword === "enum") this.enumerators(i, close);
    else this.members(i, close);
    this.depth--;
    return close + 1;
  }

  private startsDeclaration(k: number): boolean {
    const { c } = this;
    return k === 0 || c.is(k - 1, ";") || c.is(k - 1, "}") || c.is(k - 1, "{");
  }

  private attributeBehindTag(i: number): number | undefined {
    const { c } = this;
    if (c.kind(i) !== IDENTIFIER) return undefined;
    return ATTRIBUTE.test(c.text(i)) || (c.kind(i + 1) === IDENTIFIER && c.is(i + 2, "{"))
      ? this.attribute(i, "top")
      : undefined;
  }

  private enumerators(open: number, close: number): void {
    const { c } = this;
    for (let i = open + 1; i < close; ) {
      if (this.isWord(i) && !c.is(i + 1, "(")) {
        this.declare(i, "enumerator", "definition");
        i = this.expression(i + 1, close, true) + 1;
      } else {
        i = this.expression(i, close, true) + 1;
      }
    }
  }

  private members(open: number, close: number): void {
    for (let i = open + 1; i < close; ) i = Math.max(i + 1, this.declaration(i, close, "member"));
  }

  /** `*name[4] = …, other;` to the end of the declaration, the body of a function included. */
  private declarators(from: number, end: number, place: Place, said: Specifiers): number {
    const { c } = this;
    let k = from;
    while (k < end) {
      const shape = this.declarator(k, end, place, said);
      k = shape.next;
      if (shape.params !== undefined && place === "top" && c.is(k, "{")) {
        const after = this.body(k, end, "top");
        this.close(c.end(after - 1));
        return after;
      }
      if (shape.params !== undefined) this.close(c.end(k - 1));
      if (c.is(k, ":") && place === "member") k = this.expression(k + 1, end, true);
      if (c.is(k, "=")) k = this.expression(k + 1, end, true);
      if (c.is(k, ",")) k++;
      else if (c.is(k, ";")) return k + 1;
      else break;
    }
    if (k >= end) return end;
    // Something half typed, or a macro that was not understood.
    if (k > from) return k;
    const stop = this.expression(k, end);
    return c.is(stop, ";") ? stop + 1 : stop;
  }

  /** One declared name. Where it is a function, the scope of its parameters is left open. */
  private declarator(
    from: number,
    end: number,
    place: Place,
    said: Specifiers,
  ): { readonly next: number; readonly params: number | undefined } {
    const { c } = this;
    let k = this.beforeName(from, end, place);
    let name: number | undefined;
    let isNested = false;
    if (this.programAt.has(k) && c.is(k + 1, "(")) return this.programMacro(k);
    if (c.is(k, "(") && said.hasType) {
      isNested = true;
      name = this.nestedName(k, this.closing(k));
      k = Math.min(this.closing(k), end) + 1;
    } else if (this.isWord(k)) {
      name = k++;
    }
    const afterName = this.attributes(k, end, place);
    const open = c.is(afterName, "(") && afterName < end ? afterName : undefined;
    const isFunction = open !== undefined && !isNested;
    if (name !== undefined) this.declareAs(name, place, said, isFunction, open);
    k = afterName;
    let params: number | undefined;
    while (k < end) {
      if (c.is(k, "[")) k = this.parens(k);
      else if (c.is(k, "(")) {
        const close = Math.min(this.closing(k), end);
        const isKept = isFunction && params === undefined && place !== "param";
        this.open();
        this.params(k, close);
        if (isKept) params = k;
        else this.close(c.end(close));
        k = close + 1;
      } else {
        const next = this.attributes(k, end, place);
        if (next === k) break;
        k = next;
      }
    }
    return { next: k, params };
  }

  private declareAs(name: number, place: Place, said: Specifiers, isFunction: boolean, open: number | undefined): void {
    const { c } = this;
    if (place === "member") return;
    if (place === "param") {
      this.declareLocal(name, "parameter");
      return;
    }
    if (said.isTypedef) {
      this.declare(name, "typedef", "definition");
      return;
    }
    if (isFunction && open !== undefined) {
      const behind = this.attributesPassed(this.closing(open) + 1);
      this.declare(name, "function", c.is(behind, "{") ? "definition" : "declaration");
      return;
    }
    this.declare(name, "variable", said.isExtern ? "declaration" : "definition");
  }

  private attributesPassed(from: number): number {
    let i = from;
    while (this.c.kind(i) === IDENTIFIER) {
      const after = this.passedAttribute(i);
      if (after === undefined) break;
      i = after;
    }
    return i;
  }

  private beforeName(from: number, end: number, place: Place): number {
    const { c } = this;
    let k = from;
    while (k < end) {
      if (c.is(k, "*")) k++;
      else if (c.kind(k) === IDENTIFIER && NO_TYPES.has(c.text(k))) k++;
      else {
        const next = c.kind(k) === IDENTIFIER ? this.attribute(k, place) : undefined;
        if (next === undefined) return k;
        k = next;
      }
    }
    return k;
  }

  private attributes(from: number, end: number, place: Place): number {
    const { c } = this;
    let k = from;
    while (k < end && c.kind(k) === IDENTIFIER) {
      const next = ASM_WORDS.has(c.text(k)) && c.is(k + 1, "(") ? this.closing(k + 1) + 1 : this.attribute(k, place);
      if (next === undefined) break;
      k = next;
    }
    return k;
  }

  /** The name in `(*name[4])`. */
  private nestedName(open: number, close: number): number | undefined {
    const { c } = this;
    for (let i = open + 1; i < close; i++) {
      if (this.isWord(i) && this.passedAttribute(i) === undefined) {
        if (c.is(i + 1, "[")) this.expression(i + 2, this.closing(i + 1));
        return i;
      }
    }
    return undefined;
  }

  /** `BPF_PROG(name, int a)`: the macro hands the context over by the name `ctx`. */
  private programMacro(k: number): { readonly next: number; readonly params: number } {
    const { c } = this;
    const close = this.closing(k + 1);
    this.use(k);
    const isNamed = this.isWord(k + 2);
    if (isNamed) this.push(k + 2, "name", undefined, "definition", "function");
    this.open();
    this.scope?.names.set("ctx", this.newLocal("ctx", "parameter", c.start(k), false));
    this.params(c.is(k + 3, ",") ? k + 3 : close, close);
    return { next: this.attributes(close + 1, c.count, "top"), params: k + 1 };
  }

  /** Between a bracket, or the comma behind a name, and the bracket that closes. */
  private params(open: number, close: number): void {
    const { c } = this;
    if (open >= close) return;
    let first = open + 1;
    let depth = 0;
    for (let i = open + 1; i <= close; i++) {
      if (c.is(i, "(") || c.is(i, "[") || c.is(i, "{")) depth++;
      else if (i < close && (c.is(i, ")") || c.is(i, "]") || c.is(i, "}"))) depth--;
      if (i < close && !(depth === 0 && c.is(i, ","))) continue;
      if (i > first) this.declaration(first, i, "param");
      first = i + 1;
    }
  }

  private block(open: number, close: number): void {
    this.open();
    this.statements(open + 1, close);
    this.close(this.c.end(close));
  }

  private statements(from: number, end: number): void {
    for (let i = from; i < end; ) i = Math.max(i + 1, this.statement(i, end));
  }

  /** One statement with the statements in it. */
  private statement(i: number, end: number): number {
    const { c } = this;
    if (i >= end) return end;
    if (this.depth > MAX_DEPTH) {
      this.expression(i, end);
      return end;
    }
    if (c.is(i, "{")) {
      const close = Math.min(this.closing(i), end);
      this.block(i, close);
      return close + 1;
    }
    if (c.kind(i) === IDENTIFIER) {
      const next = this.keywordStatement(i, end, c.text(i));
      if (next !== undefined) return next;
      if (this.isWord(i) && c.is(i + 1, ":") && !c.is(i + 2, ":")) {
        this.label(i, "definition");
        return i + 2;
      }
      // `__unroll for (…)`, `scoped_lock {`.
      if (this.isWord(i) && (c.is(i + 1, "{") || STATEMENT_WORDS.has(c.text(i + 1)))) return this.word(i);
      if (this.isDeclaration(i, end)) return this.declaration(i, end, "block");
    }
    const stop = this.expression(i, end);
    return c.is(stop, ";") ? stop + 1 : stop;
  }

  private keywordStatement(i: number, end: number, word: string): number | undefined {
    const { c } = this;
    switch (word) {
      case "if":
      case "while":
      case "switch":
        return this.branches(i, end);
      case "for":
        return this.loop(i, end);
      case "do":
        return this.nested(i + 1, end);
      case "else":
        return i + 1;
      case "case":
        return this.caseLabel(i + 1, end);
      case "default":
        return c.is(i + 1, ":") ? i + 2 : i + 1;
      case "goto":
        if (this.isWord(i + 1)) this.label(i + 1, "use");
        return c.is(i + 2, ";") ? i + 3 : i + 2;
      case "__label__":
        return this.expression(i + 1, end) + 1;
      default:
        return undefined;
    }
  }

  private nested(i: number, end: number): number {
    this.depth++;
    const next = Math.max(i + 1, this.statement(i, end));
    this.depth--;
    return Math.min(next, end);
  }

  /** The chain of an `if` with every `else`; the others have one head. */
  private branches(first: number, end: number): number {
    const { c } = this;
    let i = first;
    for (;;) {
      i = c.is(i + 1, "(") ? this.parens(i + 1) : i + 1;
      if (i >= end) return end;
      i = this.nested(i, end);
      if (c.text(first) !== "if" || i >= end || c.text(i) !== "else") return i;
      if (c.text(i + 1) !== "if") return this.nested(i + 1, end);
      i++;
    }
  }

  /** What the head declares is known in the body. */
  private loop(i: number, end: number): number {
    const { c } = this;
    if (!c.is(i + 1, "(")) return i + 1;
    const close = Math.min(this.closing(i + 1), end);
    this.open();
    const from = this.isDeclaration(i + 2, close) ? this.declaration(i + 2, close, "block") : i + 2;
    for (let k = from; k < close; ) k = this.expression(k, close) + 1;
    const next = this.nested(close + 1, end);
    this.close(c.end(next - 1));
    return next;
  }

  private caseLabel(from: number, end: number): number {
    const { c } = this;
    let colon = from;
    while (colon < end && !c.is(colon, ":") && !c.is(colon, ";") && !c.is(colon, "{")) colon++;
    this.expression(from, colon);
    return colon + 1;
  }

  private label(i: number, role: Mention["role"]): void {
    const { c, labels } = this;
    if (labels === undefined) return;
    const name = c.text(i);
    const local = labels.get(name) ?? this.newLabel(name, c.start(i));
    labels.set(name, local);
    this.push(i, "label", local, role, role === "use" ? undefined : "label");
  }

  private newLabel(name: string, start: number): Local {
    return { name, kind: "label", scope: { start, end: start }, isWritten: true, leaks: false };
  }

  /** `struct x y`, `u32 x = 1;`, `foo_t *p;`: what begins with a word that is not known as anything but a type. */
  private isDeclaration(i: number, end: number): boolean {
    const { c } = this;
    if (c.kind(i) !== IDENTIFIER) return false;
    const word = c.text(i);
    if (TYPE_STARTS.has(word)) return true;
    if (isKeyword(word) || c.is(i + 1, "(")) return this.passedAttribute(i) !== undefined && ATTRIBUTE.test(word);
    let k = i + 1;
    let stars = 0;
    for (; k < end; k++) {
      if (c.is(k, "*")) stars++;
      else if (c.kind(k) !== IDENTIFIER || !NO_TYPES.has(c.text(k))) break;
    }
    if (k >= end || c.kind(k) !== IDENTIFIER) return false;
    // `MACRO int x;`.
    if (TYPE_STARTS.has(c.text(k))) return stars === 0;
    // `a * b` of what is known to be a value.
    if (isKeyword(c.text(k)) || (stars > 0 && this.find(word) !== undefined)) return false;
    const after = this.attributesPassed(k + 1);
    if (stars === 0 && c.kind(after) === IDENTIFIER) return this.isDeclaration(k, end);
    return "=;,[".includes(c.text(after) || "?") && !(c.is(after, "=") && c.is(after + 1, "="));
  }

  /** Between brackets; gives the token behind. */
  private parens(open: number): number {
    const close = this.closing(open);
    this.expression(open + 1, close);
    return close + 1;
  }

  /**
   * The names in an expression. Stops before a `;`, before the block of a macro that is a loop, at the end, and where asked also
   * before a comma that is in no brackets.
   */
  private expression(from: number, end: number, untilComma = false): number {
    const { c } = this;
    let depth = 0;
    for (let i = from; i < end; ) {
      const code = c.code(i);
      if (code === 0) {
        i = this.operand(i, end);
        continue;
      }
      if (code === SEMICOLON && depth === 0) return i;
      if (code === COMMA && depth === 0 && untilComma) return i;
      if (code === OPEN_BRACE) {
        // `({ … })` has statements.
        if (c.is(i - 1, "(") && this.depth <= MAX_DEPTH) {
          const close = Math.min(this.closing(i), end);
          this.block(i, close);
          i = close + 1;
          continue;
        }
        if (depth === 0 && !untilComma && this.isBlockOfMacro(i)) return i;
        depth++;
      } else if (code === OPEN_PAREN || code === OPEN_BRACKET) depth++;
      else if (code === CLOSE_PAREN || code === CLOSE_BRACKET || code === CLOSE_BRACE) depth--;
      i++;
    }
    return end;
  }

  /** `bpf_for(i, 0, 10) {`: no value is made there. */
  private isBlockOfMacro(brace: number): boolean {
    const { c } = this;
    if (!c.is(brace - 1, ")")) return false;
    let depth = 0;
    for (let i = brace - 1; i >= 0; i--) {
      if (c.is(i, ")")) depth++;
      else if (c.is(i, "(") && --depth === 0) return this.isWord(i - 1);
    }
    return false;
  }

  /** A word, number or string. */
  private operand(i: number, end: number): number {
    const { c } = this;
    if (c.kind(i) !== IDENTIFIER) return i + 1;
    const word = c.text(i);
    if (TAG_KEYWORDS.has(word)) return Math.min(Math.max(i + 1, this.tag(i, end)), Math.max(end, i + 1));
    if (ASM_WORDS.has(word)) return this.assembly(i, end);
    if (ATTRIBUTE.test(word) && c.is(i + 1, "(")) return Math.min(this.closing(i + 1) + 1, end);
    if (isMember(c, i) || isKeyword(word)) return i + 1;
    return c.is(i + 1, "(") && c.isClosed(i + 1) ? this.call(i, end) : this.word(i);
  }

  private word(i: number): number {
    const word = this.c.text(i);
    if (!isKeyword(word) && (!this.isPasted(i) || this.find(word) !== undefined)) this.use(i);
    return i + 1;
  }

  /** What is pasted together is another name. */
  private isPasted(i: number): boolean {
    const { c } = this;
    return (c.is(i - 1, "#") && c.is(i - 2, "#")) || (c.is(i + 1, "#") && c.is(i + 2, "#"));
  }

  /** Arguments that name members are passed over. Others are read as they come. */
  private call(i: number, end: number): number {
    const { c } = this;
    this.word(i);
    const members = memberArguments(c.text(i), this.lowered.macros.defines);
    if (members === undefined || this.depth > MAX_DEPTH) return i + 1;
    this.depth++;
    const close = Math.min(this.closing(i + 1), end);
    const bounds = [i + 1, ...c.commas(i + 1, close), close];
    for (let n = 0; n + 1 < bounds.length; n++) {
      const [first, last] = [(bounds[n] ?? close) + 1, bounds[n + 1] ?? close];
      if (n < members.first || n > members.last) this.expression(first, last);
      else this.indexes(first, last);
    }
    this.depth--;
    return close + 1;
  }

  /** Of `a.b[i]` only what stands in brackets. */
  private indexes(first: number, last: number): void {
    const { c } = this;
    for (let i = first; i < last; i++) {
      if (!c.is(i, "[")) continue;
      const close = Math.min(this.closing(i), last);
      this.expression(i + 1, close);
      i = close;
    }
  }

  /** `asm volatile("…" : [name]"=r"(x))`: the names in brackets are its own. */
  private assembly(i: number, end: number): number {
    const { c } = this;
    let open = i + 1;
    while (c.kind(open) === IDENTIFIER) open++;
    if (!c.is(open, "(") || open >= end) return i + 1;
    const close = Math.min(this.closing(open), end);
    for (let k = open + 1; k < close; k++) {
      const isOperand = c.is(k - 1, "[") && c.is(k + 1, "]") && c.kind(k + 2) === STRING;
      if (this.isWord(k) && !isMember(c, k) && !isOperand) this.use(k);
    }
    return close + 1;
  }
}

const SEMICOLON = 59;
const COMMA = 44;
const OPEN_PAREN = 40;
const CLOSE_PAREN = 41;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
