/** The words of a function's body as the compiler sees them: macros expanded, `#if` lines among them, operators whole. */

import { rememberedOf } from "../remember.ts";
import type { Span } from "../text.ts";
import { branchLinesOf } from "./body-conditions.ts";
import { Cursor } from "./cursor.ts";
import type { Lowered } from "./dialect.ts";
import { ATTRIBUTE_CALLS, ATTRIBUTE_WORDS, MEMBER_MACROS, PROGRAM_MACRO, SECTION_MACROS } from "./dialect-words.ts";
import type { Define, Macros } from "./macros.ts";
import { CHARACTER, IDENTIFIER, NUMBER, PUNCTUATION, STRING, tokenize } from "./tokens.ts";

/** Kinds of words beside those of tokens. The text of the first two is `#` and the condition. */
export const BRANCH_IF = 6;
export const BRANCH_ELIF = 7;
export const BRANCH_ELSE = 8;
export const BRANCH_END = 9;
/** Stands for a macro that leads to more than anybody writes. */
const RUNAWAY = 10;

export interface Word extends Span {
  readonly kind: number;
  /** Operators are one word, as in C; no other word has the same text as one. */
  readonly text: string;
  /** It comes from the body of a macro, and has the span of the macro's use. */
  readonly isMade: boolean;
  /** It names a macro inside of that macro's own expansion, and is not expanded again. */
  readonly isFinal: boolean;
}

/** The words between two offsets of the source. */
export function wordsWithin(lowered: Lowered, { start, end }: Span): readonly Word[] {
  const { source, cursor, macros } = lowered;
  const from = cursor.firstFrom(start);
  const plain = plainWords(source, cursor, from, cursor.firstFrom(end));
  const branches = branchLinesOf(lowered, { start, end }).map(
    ({ kind, condition, ...span }): Word => ({
      kind: BRANCH_KINDS[kind],
      text: `#${condition}`,
      start: span.start,
      end: span.end,
      isMade: false,
      isFinal: false,
    }),
  );
  const changes = lowered.tokens.directives
    .filter((line) => line.start > start && line.end < end && line.name === "define")
    .map((line) => ({ name: /^\s*(\w*)/.exec(source.slice(line.bodyStart, line.end))?.[1] ?? "", end: line.end }));
  return new Expander(macros, start, changes).expand(merged(plain, branches));
}

/** The words of a text that stands for itself. */
export function wordsOfText(text: string, macros: Macros): readonly Word[] {
  const cursor = new Cursor(text, tokenize(text));
  return new Expander(macros, 0, []).expand(plainWords(text, cursor, 0, cursor.count));
}

const BRANCH_KINDS = { if: BRANCH_IF, elif: BRANCH_ELIF, else: BRANCH_ELSE, endif: BRANCH_END };

function merged(words: readonly Word[], lines: readonly Word[]): readonly Word[] {
  if (lines.length === 0) return words;
  const all: Word[] = [];
  let line = 0;
  for (const word of words) {
    for (let next = lines[line]; next !== undefined && next.start < word.start; next = lines[++line]) all.push(next);
    all.push(word);
  }
  return [...all, ...lines.slice(line)];
}

function plainWords(source: string, cursor: Cursor, from: number, to: number): readonly Word[] {
  const words: Word[] = [];
  for (let i = from; i < to; ) {
    const kind = cursor.kind(i);
    const start = cursor.start(i);
    const length = kind === PUNCTUATION ? operatorLength(cursor, i, to) : 1;
    const end = cursor.end(i + length - 1);
    const text = kind === PUNCTUATION && length === 1 ? (SINGLE[cursor.code(i)] ?? source[start] ?? "") : "";
    const word = text === "" ? (OPERATORS.get(source.slice(start, end)) ?? source.slice(start, end)) : text;
    words.push({
      kind,
      text: kind === PUNCTUATION ? word : source.slice(start, end),
      start,
      end,
      isMade: false,
      isFinal: false,
    });
    i += length;
  }
  return words;
}

const OPERATORS: ReadonlyMap<string, string> = new Map(
  "-> ++ -- << >> <= >= == != && || += -= *= /= %= &= |= ^= ## <<= >>= ..."
    .split(" ")
    .map((operator): [string, string] => [operator, operator]),
);
/** What may be the first of several. */
const SEVERAL = new Set([..."-+<>=!&|*/%^#."].map((character) => character.charCodeAt(0)));
const SINGLE: readonly string[] = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));

/** How many tokens make the operator at token `i`. */
function operatorLength(cursor: Cursor, i: number, to: number): number {
  if (!SEVERAL.has(cursor.code(i)) || i + 1 >= to || cursor.code(i + 1) === 0) return 1;
  if (cursor.start(i + 1) !== cursor.end(i)) return 1;
  const isThree = i + 2 < to && cursor.code(i + 2) !== 0 && cursor.start(i + 2) === cursor.end(i + 1);
  if (isThree && OPERATORS.has(cursor.textOf(i, i + 2))) return 3;
  return OPERATORS.has(cursor.textOf(i, i + 1)) ? 2 : 1;
}

/** More words than the largest function of any project has, and than one macro stands for anywhere. */
const MAX_WORDS = 200_000;
const MAX_WORDS_OF_USE = 40_000;
/** How deep uses of macros may stand in arguments of others. */
const MAX_DEPTH = 64;

/** Words that are still to be read: the body's own, or what a macro stands for. */
interface Frame {
  readonly words: readonly Word[];
  at: number;
  /** The macro, which means nothing within. */
  readonly macro: string | undefined;
}

/** A `#define` within the body: behind it the name means something else than before, or only there it means anything. */
interface Change {
  readonly name: string;
  readonly end: number;
}

/** Expands as the preprocessor does. A class because every step moves the same stack. */
class Expander {
  private macros: Macros;
  private readonly all: Macros;
  private readonly changes: readonly Change[];
  private change = 0;
  private frames: Frame[] = [];
  private readonly active = new Set<string>();
  private known = new Map<string, Define | undefined>();
  private made = 0;
  private madeBefore = 0;
  private depth = 0;
  private counter = 0;
  private isRunaway = false;

  constructor(macros: Macros, start: number, changes: readonly Change[]) {
    this.all = macros;
    this.macros = macros.at(start);
    this.changes = changes;
  }

  expand(words: readonly Word[]): readonly Word[] {
    const found: Word[] = [];
    this.frames = [{ words, at: 0, macro: undefined }];
    for (let word = this.next(); word !== undefined; word = this.next()) {
      if (word.kind !== IDENTIFIER || word.isFinal) found.push(word);
      else if (this.frames.length > 1) this.identifier(word, found);
      else this.ownIdentifier(word, found);
    }
    return found;
  }

  /** A word of the body itself: a macro there begins afresh, and what has run away is given up there. */
  private ownIdentifier(word: Word, found: Word[]): void {
    while ((this.changes[this.change]?.end ?? Number.POSITIVE_INFINITY) <= word.start) {
      this.change++;
      this.macros = this.all.at(word.start);
      this.known.clear();
    }
    this.madeBefore = this.made;
    this.identifier(word, found);
  }

  private next(): Word | undefined {
    for (;;) {
      const top = this.frames.at(-1);
      if (top === undefined) return undefined;
      if (this.isRunaway && this.depth === 0 && this.frames.length > 1) {
        this.leave();
        continue;
      }
      const word = top.words[top.at];
      if (word !== undefined) {
        top.at++;
        return word;
      }
      if (this.frames.length === 1) return undefined;
      this.leave();
    }
  }

  private leave(): void {
    const { macro } = this.frames.pop() ?? {};
    if (macro !== undefined) this.active.delete(macro);
    if (this.frames.length === 1 && this.depth === 0) this.isRunaway = false;
  }

  private identifier(word: Word, found: Word[]): void {
    if (word.text === "__COUNTER__") {
      found.push({ ...word, kind: NUMBER, text: String(this.counter++) });
      return;
    }
    const define = this.defineOf(word.text);
    if (define === undefined) {
      found.push(word);
      return;
    }
    if (this.active.has(word.text)) {
      found.push({ ...word, isFinal: true });
      return;
    }
    let end = word.end;
    let args: readonly (readonly Word[])[] = [];
    if (define.params !== undefined) {
      const read = this.readArguments(define.params);
      if (read === undefined) {
        found.push(word);
        return;
      }
      args = read.args;
      end = Math.max(end, read.end);
    }
    const use = { start: word.start, end };
    const words = this.substitute(define, args, use);
    this.made += words.length;
    if (this.made - this.madeBefore > MAX_WORDS_OF_USE || this.made > MAX_WORDS) this.isRunaway = true;
    if (this.isRunaway) {
      found.push({ kind: RUNAWAY, text: "#", ...use, isMade: true, isFinal: true });
      if (this.frames.length === 1 && this.depth === 0) this.isRunaway = false;
      return;
    }
    this.frames.push({ words, at: 0, macro: word.text });
    this.active.add(word.text);
  }

  private isMacro(name: string): boolean {
    return name === "__COUNTER__" || this.defineOf(name) !== undefined;
  }

  private defineOf(name: string): Define | undefined {
    const before = this.known.get(name);
    if (before !== undefined || this.known.has(name)) return before;
    const define = this.macros.defines.get(name) ?? OF_LIBBPF.get(name);
    const found =
      define === undefined || isUnderstood(name) || isOpen(define) || this.isLater(name, define) ? undefined : define;
    this.known.set(name, found);
    return found;
  }

  /** Whether the body itself defines the name, further down, and nothing did before. */
  private isLater(name: string, define: Define): boolean {
    if (this.change >= this.changes.length || define !== this.all.defines.get(name)) return false;
    const first = this.changes.findIndex((change) => change.name === name);
    return first >= this.change;
  }

  /** What stands between the parentheses behind a macro's name; undefined when none stand there, or they do not end. */
  private readArguments(params: readonly string[]): { args: readonly (readonly Word[])[]; end: number } | undefined {
    const open = this.next();
    if (open === undefined) return undefined;
    const read: Word[] = [open];
    const args: Word[][] = [[]];
    const isVariadic = params.at(-1)?.endsWith("...") === true;
    let braces = 0;
    let depth = open.text === "(" ? 1 : 0;
    while (depth > 0) {
      const word = this.next();
      if (word === undefined) break;
      read.push(word);
      const { text } = word;
      if (text === "{") braces++;
      else if (text === "}" && braces-- === 0) break;
      else if (text === "(") depth++;
      else if (text === ")" && --depth === 0) return { args, end: word.end };
      if (text === "," && depth === 1 && !(isVariadic && args.length >= params.length)) args.push([]);
      else args.at(-1)?.push(word);
    }
    this.made += read.length >> 3;
    this.frames.push({ words: read, at: 0, macro: undefined });
    return undefined;
  }

  private substitute(define: Define, args: readonly (readonly Word[])[], use: Span): readonly Word[] {
    const { parts } = templateOf(define);
    const found: Word[] = [];
    const expanded: (readonly Word[])[] = [];
    const expandedArg = (n: number): readonly Word[] => {
      expanded[n] ??= this.expandArgument(args[n] ?? []);
      return expanded[n];
    };
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i];
      if (part === undefined) break;
      if (part.isGlue) continue;
      const arg = args[part.param] ?? [];
      const isGlued = parts[i - 1]?.isGlue === true;
      const words =
        part.param < 0
          ? [{ ...part.word, start: use.start, end: use.end, isMade: true }]
          : part.isString
            ? [stringOf(arg, use)]
            : isGlued || parts[i + 1]?.isGlue === true
              ? arg
              : expandedArg(part.param);
      if (isGlued && parts[i - 2]?.word.text === "," && part.isVariadic) {
        if (words.length === 0) found.pop();
        push(found, words);
      } else if (isGlued && found.length > 0 && words.length > 0) {
        const last = found.pop();
        if (last !== undefined) push(found, glued(last, words, use));
      } else {
        push(found, words);
      }
      if (found.length > MAX_WORDS_OF_USE) {
        this.isRunaway = true;
        break;
      }
    }
    return found;
  }

  /** An argument is expanded on its own, before it takes the place of its parameter. */
  private expandArgument(words: readonly Word[]): readonly Word[] {
    if (!words.some(({ kind, text }) => kind === IDENTIFIER && this.isMacro(text))) return words;
    if (this.isRunaway || this.depth >= MAX_DEPTH) {
      this.isRunaway = true;
      return [];
    }
    const { frames } = this;
    this.depth++;
    const found: Word[] = [];
    this.frames = [{ words, at: 0, macro: undefined }];
    for (let word = this.next(); word !== undefined && !this.isRunaway; word = this.next()) {
      if (word.kind === IDENTIFIER && !word.isFinal) this.identifier(word, found);
      else found.push(word);
    }
    while (this.frames.length > 1) this.leave();
    this.depth--;
    this.frames = frames;
    this.made += found.length;
    return found;
  }
}

/** What projects build their own macros with. */
const OF_LIBBPF: ReadonlyMap<string, Define> = new Map([
  ["___bpf_concat", { name: "___bpf_concat", params: ["a", "b"], body: "a ## b" }],
  ["___bpf_apply", { name: "___bpf_apply", params: ["fn", "n"], body: "___bpf_concat(fn, n)" }],
]);

/** A loop, because an argument may be too long to be spread. */
function push(found: Word[], words: readonly Word[]): void {
  for (const word of words) found.push(word);
}

/** One word of a macro's body, or a place where a parameter stands. */
interface Part {
  readonly word: Word;
  readonly param: number;
  readonly isVariadic: boolean;
  /** `#x`. */
  readonly isString: boolean;
  /** `##`. */
  readonly isGlue: boolean;
}

const templateOf = rememberedOf((define: Define): { parts: readonly Part[] } => ({ parts: readParts(define) }));

function readParts({ params = [], body }: Define): readonly Part[] {
  // One line, and something before it, or `#x` would be a preprocessor line.
  const text = `;${body.replace(/[\r\n]+/g, " ")}`;
  const cursor = new Cursor(text, tokenize(text));
  const words = plainWords(text, cursor, 1, cursor.count);
  const index = new Map<string, number>(
    params.map((param, n) => {
      const name = param.endsWith("...") ? param.slice(0, -3).trim() : param;
      return [name === "" ? "__VA_ARGS__" : name, n];
    }),
  );
  const parts: Part[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === undefined) break;
    const next = index.get(words[i + 1]?.text ?? "");
    const isString = word.text === "#" && next !== undefined;
    const param = isString ? next : (index.get(word.text) ?? -1);
    const isVariadic = params[param]?.endsWith("...") === true;
    parts.push({ word, param, isVariadic, isString, isGlue: word.text === "##" });
    if (isString) i++;
  }
  return parts;
}

function stringOf(words: readonly Word[], use: Span): Word {
  const text = JSON.stringify(words.map((word) => word.text).join(" "));
  return { kind: STRING, text, start: use.start, end: use.end, isMade: true, isFinal: false };
}

/** `a ## b`: the last word so far and the first of what follows are one. */
function glued(last: Word, words: readonly Word[], use: Span): readonly Word[] {
  const [first, ...rest] = words;
  const text = last.text + (first?.text ?? "");
  const kind = /^[A-Za-z_$]/.test(text) ? IDENTIFIER : /^\.?\d/.test(text) ? NUMBER : PUNCTUATION;
  return [{ kind, text, start: use.start, end: use.end, isMade: true, isFinal: false }, ...rest];
}

/**
 * Names that are understood as they are, although a project may carry a copy of what libbpf or the kernel's selftests
 * make of them: what they stand for says less than they do.
 */
const UNDERSTOOD = new Set(
  `bpf_printk bpf_for bpf_for_each bpf_repeat bpf_ksym_exists bpf_tail_call_static bpf_cmp_likely bpf_cmp_unlikely
  bpf_assert bpf_assert_with bpf_assert_range bpf_assert_range_with can_loop cond_break cond_break_label bpf_clamp_umax
  bpf_clamp_umin bpf_htons bpf_ntohs bpf_htonl bpf_ntohl bpf_cpu_to_be64 bpf_be64_to_cpu bpf_htonll bpf_ntohll
  BPF_SNPRINTF BPF_SEQ_PRINTF BPF_PROBE_READ BPF_PROBE_READ_INTO
  BPF_PROBE_READ_STR_INTO BPF_PROBE_READ_USER BPF_PROBE_READ_USER_INTO BPF_KPROBE_READ_RET_IP BPF_KRETPROBE_READ_RET_IP
  barrier barrier_var likely unlikely __builtin_expect container_of offsetof offsetofend sizeof_field READ_ONCE WRITE_ONCE
  ARRAY_SIZE NULL true false bool __kconfig __ksym
  smp_load_acquire smp_store_release bpf_stream_printk
  __bpf_unreachable __bpf_ntohs __bpf_htons __bpf_ntohl __bpf_htonl`.split(/\s+/),
);
const UNDERSTOOD_PREFIX = /^(?:BPF_CORE_|bpf_core_|PT_REGS_|__PT_REGS_|__sync_|__atomic_|__builtin_|BPF_PROBE_READ)/;

function isUnderstood(name: string): boolean {
  return (
    UNDERSTOOD.has(name) ||
    UNDERSTOOD_PREFIX.test(name) ||
    ATTRIBUTE_WORDS.has(name) ||
    ATTRIBUTE_CALLS.has(name) ||
    SECTION_MACROS.has(name) ||
    MEMBER_MACROS.has(name) ||
    PROGRAM_MACRO.test(name)
  );
}

/** A constant that the build chooses stays a name: nobody may reckon with one of its values. */
function isOpen({ params, body, isOneOfSeveral }: Define): boolean {
  return isOneOfSeveral === true && params === undefined && body !== "" && !/[;{}]/.test(body);
}

export function isLiteral({ kind }: Word): boolean {
  return kind === NUMBER || kind === STRING || kind === CHARACTER;
}
