/**
 * Lowers the BPF dialect of C to plain C of the same length, and records what it took out.
 *
 * The stock C grammar misreads `SEC("xdp")`, `__uint(type, X)` and `static __always_inline int f()`. This pass blanks or
 * rewrites such islands in place. Offsets never move, so every range found in the lowered text is right in the file.
 */

import type { Span } from "../text.ts";
import { type Cursor, cursorOf } from "./cursor.ts";
import { type Macros, readMacros } from "./macros.ts";
import { IDENTIFIER, STRING, type Tokens, tokenize } from "./tokens.ts";

export interface Lowered {
  /** Plain C, exactly as long as the source, with its line breaks where they were. */
  readonly text: string;
  readonly source: string;
  readonly tokens: Tokens;
  readonly cursor: Cursor;
  readonly macros: Macros;
  readonly islands: Islands;
}

/** What was taken out, each list in the order of the text. */
export interface Islands {
  readonly sections: readonly SectionMark[];
  readonly members: readonly MapMember[];
  readonly programMacros: readonly ProgramMacro[];
  readonly attributes: readonly AttributeWord[];
}

/** `SEC("xdp")`, `__section("xdp")` or the same as an `__attribute__`. */
export interface SectionMark extends Span {
  readonly token: number;
  readonly lastToken: number;
  /** The string that libbpf will see; undefined when a part of it is a macro from elsewhere. */
  readonly name: string | undefined;
  /** What stands between the parentheses, quotes left out when it is one literal. */
  readonly nameSpan: Span;
}

/** `__uint(max_entries, 64)` in a map definition. */
export interface MapMember extends Span {
  readonly macro: "__uint" | "__ulong" | "__type" | "__array";
  readonly name: string;
  readonly nameSpan: Span;
  readonly valueSpan: Span;
}

/** `BPF_PROG(name, args…)` and its family, in the place of a function's declarator. */
export interface ProgramMacro extends Span {
  readonly token: number;
  readonly macro: string;
  readonly name: string;
  readonly nameSpan: Span;
  /** From after the comma that follows the name up to the closing parenthesis; empty when there are no arguments. */
  readonly argsSpan: Span;
}

export interface AttributeWord extends Span {
  readonly word: string;
}

export function lower(source: string): Lowered {
  const tokens = tokenize(source);
  const cursor = cursorOf(source, tokens);
  const macros = readMacros(source, tokens.directives);
  const pass = new Pass(source, cursor, macros);
  pass.run();
  return { text: pass.text(), source, tokens, cursor, macros, islands: pass.islands };
}

const PROGRAM_MACRO =
  /^(?:BPF_(?:PROG2?|KPROBE|KRETPROBE|UPROBE|URETPROBE|KSYSCALL|KPROBE_SYSCALL|USDT|STRUCT_OPS(?:_SLEEPABLE)?)|(?:BPF_)?ITER)$/;
const MEMBER_MACROS = new Set(["__uint", "__ulong", "__type", "__array"]);
const SECTION_MACROS = new Set(["SEC", "__section"]);

const ATTRIBUTE_WORDS = new Set(
  `__always_inline __noinline __weak __hidden __ksym __kconfig __kptr __kptr_untrusted __percpu_kptr __arena __rodata
  __arg_ctx __arg_nonnull __arg_nullable __arg_trusted __arg_untrusted __arg_arena __contains_percpu __naked __used
  __maybe_unused __packed __unused __uptr __percpu __rcu __user __iomem __must_check __cold __hot __init __noreturn
  __read_mostly __cacheline_aligned inline__ __bpf_fastcall __exported __inline__ __noclone __flatten noinline
  __success __failure __success_unpriv __failure_unpriv __test_only`.split(/\s+/),
);
/** Attribute macros that take arguments. */
const ATTRIBUTE_CALLS = new Set(
  `__aligned __free __contains __msg __msg_unpriv __not_msg __xlated __jited __retval __retval_unpriv __log_level __flag
  __description __btf_path __arch __caps_unpriv __load_if_JITed __auxiliary __linear_size __stderr __stdout private
  hidden __section_aligned __tag __stack_depth __priv __btf_func_path __printf __nonnull`.split(/\s+/),
);
const STATEMENT_KEYWORDS = new Set(
  "if while for switch do else return sizeof typeof __typeof__ alignof _Alignof defined".split(" "),
);
const SIZEOF_LIKE = new Set(
  "sizeof typeof __typeof__ __typeof alignof _Alignof __alignof__ offsetof __builtin_offsetof".split(" "),
);
const TYPE_KEYWORDS = new Set(["struct", "union", "enum"]);
const ASM_WORDS = new Set(["asm", "__asm__", "__asm"]);
/** Type names that begin like an attribute. */
const UNDERSCORE_TYPE =
  /^__(?:[us](?:8|16|32|64|128)|[bl]e(?:16|32|64)|sum16|wsum|kernel_\w+|int128|signed__|const__|typeof__)$/;

/** One walk over the tokens. A class because every rule below writes to the same lists. */
class Pass {
  readonly sections: SectionMark[] = [];
  readonly members: MapMember[] = [];
  readonly programMacros: ProgramMacro[] = [];
  readonly attributes: AttributeWord[] = [];
  private readonly source: string;
  private readonly cursor: Cursor;
  private readonly macros: Macros;
  private readonly edits: Edit[] = [];
  private depth = 0;

  constructor(source: string, cursor: Cursor, macros: Macros) {
    this.source = source;
    this.cursor = cursor;
    this.macros = macros;
  }

  get islands(): Islands {
    return this;
  }

  text(): string {
    const { source, edits } = this;
    const pieces: string[] = [];
    let done = 0;
    for (const { start, end, text } of edits.sort((a, b) => a.start - b.start)) {
      if (start < done) continue;
      pieces.push(source.slice(done, start), text, blankOf(source, start + text.length, end));
      done = end;
    }
    pieces.push(source.slice(done));
    return pieces.join("");
  }

  run(): void {
    const { cursor } = this;
    for (let i = 0; i < cursor.count; ) {
      if (cursor.kind(i) === IDENTIFIER) {
        i = this.identifier(i);
        continue;
      }
      if (cursor.is(i, "{")) this.depth++;
      else if (cursor.is(i, "}")) this.depth = Math.max(0, this.depth - 1);
      i++;
    }
  }

  /** Handles the word at token `i` and says where to go on. Rules that do not fit leave the text as it is. */
  private identifier(i: number): number {
    const { cursor } = this;
    const word = cursor.text(i);
    const called = cursor.is(i + 1, "(");
    if (called && this.isSectionMacro(word)) return this.section(i);
    if (called && word === "__attribute__") return this.attributeSpecifier(i);
    if (called && MEMBER_MACROS.has(word)) return this.member(i, word as MapMember["macro"]);
    if (called && PROGRAM_MACRO.test(word)) return this.programMacro(i, word);
    if (this.isAttributeWord(word)) return this.attribute(i, i, word);
    if (called && ATTRIBUTE_CALLS.has(word)) return this.attribute(i, cursor.closing(i + 1), word);
    if (ASM_WORDS.has(word)) return this.asm(i);
    if (called && this.depth > 0) return this.callInBody(i, word);
    if (called && this.depth === 0) return this.callOutside(i);
    return i + 1;
  }

  private isSectionMacro(word: string): boolean {
    return SECTION_MACROS.has(word) || this.macros.sections.has(word);
  }

  private isAttributeWord(word: string): boolean {
    return ATTRIBUTE_WORDS.has(word) || this.macros.attributes.has(word);
  }

  private section(i: number): number {
    const last = this.sectionEnd(i + 1);
    this.recordSection(i, last, i + 2, last - 1);
    this.blank(this.cursor.start(i), this.cursor.end(last));
    return this.tagsAfterSection(last + 1);
  }

  /** The closing parenthesis of a section mark, or the last word that belongs to a half-typed one. */
  private sectionEnd(open: number): number {
    const { cursor } = this;
    let i = open + 1;
    while (cursor.kind(i) === STRING || (cursor.kind(i) === IDENTIFIER && cursor.sameLine(open, i))) i++;
    return cursor.is(i, ")") ? i : i - 1;
  }

  private recordSection(token: number, lastToken: number, from: number, to: number): void {
    const { cursor } = this;
    const closed = cursor.is(lastToken, ")");
    const upTo = closed ? to : lastToken;
    const name = this.macros.textOf(cursor, from, upTo);
    const single = from === upTo && cursor.kind(from) === STRING;
    const nameSpan =
      upTo < from
        ? { start: cursor.end(from - 1), end: cursor.end(from - 1) }
        : single
          ? cursor.insideQuotes(from)
          : { start: cursor.start(from), end: cursor.end(upTo) };
    this.sections.push({ start: cursor.start(token), end: cursor.end(lastToken), token, lastToken, name, nameSpan });
  }

  /** Test tags and annotations between a section and its function: `SEC("tc") __success __retval(0) int f()`. */
  private tagsAfterSection(from: number): number {
    const { cursor } = this;
    let i = from;
    while (cursor.kind(i) === IDENTIFIER) {
      const word = cursor.text(i);
      if (!word.startsWith("__") || UNDERSCORE_TYPE.test(word) || word === "__attribute__" || this.isSectionMacro(word))
        break;
      const last = cursor.is(i + 1, "(") ? cursor.closing(i + 1) : i;
      i = this.attribute(i, last, word);
    }
    return i;
  }

  /** The grammar knows `__attribute__`; only a section named in it is of interest. */
  private attributeSpecifier(i: number): number {
    const { cursor } = this;
    const last = cursor.closing(i + 1);
    for (let k = i + 2; k < last; k++) {
      const word = cursor.text(k);
      if ((word === "section" || word === "__section__") && cursor.is(k + 1, "(")) {
        this.recordSection(i, last, k + 2, cursor.closing(k + 1) - 1);
      }
    }
    this.blank(cursor.start(i), cursor.end(last));
    return last + 1;
  }

  /** `__uint(type, X)` becomes `int    type[ X]`, `__type(key, T)` becomes `int    key( T)`. */
  private member(i: number, macro: MapMember["macro"]): number {
    const { cursor } = this;
    const close = cursor.closing(i + 1);
    const comma = i + 3;
    if (cursor.kind(i + 2) !== IDENTIFIER || !cursor.is(comma, ",") || !cursor.is(close, ")")) return i + 1;
    const isNumber = macro === "__uint" || macro === "__ulong";
    this.members.push({
      start: cursor.start(i),
      end: cursor.end(close),
      macro,
      name: cursor.text(i + 2),
      nameSpan: cursor.span(i + 2),
      valueSpan:
        close > comma + 1 ? cursor.spanOf(comma + 1, close - 1) : { start: cursor.end(comma), end: cursor.end(comma) },
    });
    this.replace(cursor.start(i), cursor.end(i + 1), "int");
    this.replace(cursor.start(comma), cursor.end(comma), isNumber ? "[" : "(");
    this.replace(cursor.start(close), cursor.end(close), isNumber ? "]" : ")");
    // A nested definition, `__array(values, struct { __uint(…) })`, has islands of its own: go on inside.
    return comma + 1;
  }

  /** Stays as it is: `int BPF_PROG(name, int a)` parses as a declarator. The island says which name is meant. */
  private programMacro(i: number, macro: string): number {
    const { cursor } = this;
    const close = cursor.closing(i + 1);
    if (cursor.kind(i + 2) !== IDENTIFIER || this.isSectionMacro(cursor.text(i + 2))) return i + 1;
    const closed = cursor.is(close, ")");
    const end = closed ? cursor.start(close) : cursor.end(close);
    const hasArgs = cursor.is(i + 3, ",");
    this.programMacros.push({
      start: cursor.start(i),
      end: closed ? cursor.end(close) : end,
      token: i,
      macro,
      name: cursor.text(i + 2),
      nameSpan: cursor.span(i + 2),
      argsSpan: hasArgs ? { start: cursor.end(i + 3), end } : { start: end, end },
    });
    return i + 3;
  }

  private attribute(from: number, to: number, word: string): number {
    const { cursor } = this;
    const span = cursor.spanOf(from, to);
    this.attributes.push({ ...span, word });
    this.blank(span.start, span.end);
    return to + 1;
  }

  /** Operands of inline assembly are no C expressions: only the first string stays. */
  private asm(i: number): number {
    const { cursor } = this;
    let open = i + 1;
    while (cursor.kind(open) === IDENTIFIER) open++;
    if (!cursor.is(open, "(")) return i + 1;
    const close = cursor.closing(open);
    if (!cursor.is(close, ")")) return open + 1;
    const from = cursor.kind(open + 1) === STRING ? cursor.end(open + 1) : cursor.end(open);
    if (from === cursor.end(open)) this.replace(from, cursor.start(close), '""');
    else this.blank(from, cursor.start(close));
    return close + 1;
  }

  private callInBody(i: number, word: string): number {
    const { cursor } = this;
    if (STATEMENT_KEYWORDS.has(word) || SIZEOF_LIKE.has(word)) return i + 1;
    const close = cursor.closing(i + 1);
    if (!cursor.is(close, ")")) return i + 1;
    // No C expression is followed by a block: this is a loop macro such as bpf_for or one of the project's own.
    if (cursor.is(close + 1, "{") && word.length >= 3 && this.startsStatement(i)) this.loop(i, close, word);
    else this.typeArguments(i + 1, close);
    return i + 1;
  }

  /** A word before it makes it a function, `int f() {`, in a file that lost a brace above. */
  private startsStatement(i: number): boolean {
    const { cursor } = this;
    const before = cursor.text(i - 1);
    return (cursor.kind(i - 1) !== IDENTIFIER && before !== "*") || before === "else" || before === "do";
  }

  private loop(i: number, close: number, word: string): void {
    const { cursor } = this;
    const commas = cursor.commas(i + 1, close);
    const counted = word === "bpf_for" && commas.length === 2;
    const keyword = counted ? "for" : word.length >= 5 ? "while" : "if";
    this.replace(cursor.start(i), cursor.end(i), keyword.padStart(word.length));
    if (!counted) {
      this.typeArguments(i + 1, close);
      return;
    }
    for (const comma of commas) this.replace(cursor.start(comma), cursor.end(comma), ";");
  }

  /** A type as an argument, `bpf_core_type_size(struct x)`, becomes a name. */
  private typeArguments(open: number, close: number): void {
    const { cursor } = this;
    for (let i = open + 1; i < close - 1; i++) {
      if (cursor.kind(i) !== IDENTIFIER || !TYPE_KEYWORDS.has(cursor.text(i))) continue;
      if (!cursor.is(i - 1, "(") && !cursor.is(i - 1, ",")) continue;
      if (cursor.is(i - 1, "(") && i - 1 !== open) continue;
      let after = i + 2;
      while (cursor.is(after, "*")) after++;
      if (cursor.kind(i + 1) !== IDENTIFIER || !(cursor.is(after, ",") || cursor.is(after, ")"))) continue;
      this.blank(cursor.start(i), cursor.end(i));
      if (after > i + 2) this.blank(cursor.start(i + 2), cursor.end(after - 1));
    }
  }

  /** `SCX_OPS_DEFINE(name, .init = f)`: designated initialisers are no arguments. */
  private callOutside(i: number): number {
    const { cursor } = this;
    const close = cursor.closing(i + 1);
    if (!cursor.is(close, ")") || !cursor.is(close + 1, ";")) return i + 1;
    const first = cursor.commas(i + 1, close).find((comma) => cursor.is(comma + 1, "."));
    if (first === undefined) return i + 1;
    this.blank(cursor.start(first), cursor.start(close));
    return close + 1;
  }

  /** Puts `text`, padded with blanks, in the place of `start`–`end`. */
  private replace(start: number, end: number, text: string): void {
    if (end - start >= text.length) this.edits.push({ start, end, text });
  }

  private blank(start: number, end: number): void {
    this.replace(start, end, "");
  }
}

interface Edit extends Span {
  readonly text: string;
}

const LINE_BREAKS = /[^\r\n]/g;

function blankOf(source: string, start: number, end: number): string {
  const text = source.slice(start, end);
  return text.includes("\n") || text.includes("\r") ? text.replace(LINE_BREAKS, " ") : " ".repeat(text.length);
}
