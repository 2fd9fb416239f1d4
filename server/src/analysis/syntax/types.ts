/** The types that a text defines, read from its tokens, and how large they are on the BPF target. */

import type { Span } from "../text.ts";
import type { Cursor } from "./cursor.ts";
import {
  ATTRIBUTE_CALLS,
  ATTRIBUTE_WORDS,
  LEADING_ATTRIBUTE_CALLS,
  SIZEOF_LIKE,
  STORAGE_WORDS,
} from "./dialect-words.ts";
import { KERNEL_RECORDS, KERNEL_TYPES } from "./kernel-types.ts";
import { IDENTIFIER } from "./tokens.ts";

export type CType =
  /** By the words that spell it: `unsigned int`. */
  | { readonly kind: "scalar"; readonly size: number; readonly name: string }
  /** `to` is not known of what is declared around a name: `int (*p)[4]`. */
  | { readonly kind: "pointer"; readonly to?: CType }
  | { readonly kind: "function" }
  | { readonly kind: "array"; readonly of: CType; readonly count: string }
  /** `struct x`, `union x`, `enum x`, by name. */
  | { readonly kind: "tagged"; readonly tag: string; readonly name: string }
  | { readonly kind: "typedef"; readonly name: string }
  | { readonly kind: "record"; readonly record: RecordType }
  | { readonly kind: "unknown" };

export interface RecordType {
  readonly tag: "struct" | "union";
  readonly name: string;
  readonly fields: readonly Field[];
  readonly packed: boolean;
  readonly align: string | undefined;
  readonly span: Span;
}

export interface Field {
  /** Empty for an unnamed record or bit field. */
  readonly name: string;
  readonly type: CType;
  readonly bits: string | undefined;
  readonly align: string | undefined;
}

export interface TypeTable {
  /** By `struct x` or `union x`. */
  readonly records: Lookup<RecordType>;
  readonly typedefs: Lookup<CType>;
  /** The value of each enumerator, as an expression. */
  readonly enumerators: Lookup<string>;
}

/** Something that finds by name; often several maps behind one another, so that nothing is copied per key. */
export interface Lookup<T> {
  get(name: string): T | undefined;
}

/** All type definitions in the tokens, wherever they stand. */
export function readTypes(source: string, cursor: Cursor, isAttribute: (word: string) => boolean): TypeTable {
  const reader = new TypeReader(source, cursor, isAttribute);
  reader.readAll();
  return reader;
}

/** The type that a stretch of tokens names, as in `__type(key, struct x *)`. */
export function readTypeName(source: string, cursor: Cursor): CType {
  const reader = new TypeReader(source, cursor, () => false);
  return reader.typeName(0);
}

/** Sizes of the names that every BPF program has from the kernel's or libbpf's headers. */
export const SCALARS: ReadonlyMap<string, number> = new Map(
  [
    ["1", "u8 s8 __u8 __s8 bool _Bool char int8_t uint8_t __int8_t __uint8_t uchar u_char"],
    [
      "2",
      "u16 s16 __u16 __s16 __le16 __be16 __sum16 int16_t uint16_t umode_t u_short ushort sa_family_t __kernel_sa_family_t",
    ],
    [
      "4",
      `u32 s32 __u32 __s32 __le32 __be32 __wsum int32_t uint32_t pid_t uid_t gid_t dev_t mode_t gfp_t fmode_t __poll_t
      u_int uint float atomic_t wchar_t key_t __kernel_pid_t __kernel_uid32_t __kernel_gid32_t __kernel_dev_t socklen_t`,
    ],
    [
      "8",
      `u64 s64 __u64 __s64 __le64 __be64 int64_t uint64_t size_t ssize_t ptrdiff_t uintptr_t intptr_t loff_t ino_t off_t
      sector_t blkcnt_t ktime_t time64_t double __kernel_size_t __kernel_ssize_t __kernel_ulong_t __kernel_long_t u_long ulong
      atomic64_t atomic_long_t cputime_t`,
    ],
    ["16", "__int128 __uint128_t __int128_t u128 s128 __u128 __s128"],
  ].flatMap(([size, names]) => (names ?? "").split(/\s+/).map((name): [string, number] => [name, Number(size)])),
);

const BUILTIN = new Set(
  "void char short int long float double signed unsigned bool _Bool __int128 __signed__".split(" "),
);
const QUALIFIERS = new Set("const volatile restrict __restrict __const register __extension__ _Atomic".split(" "));

/** Types within types within types: nobody writes more, and the stack has an end. */
const MAX_NESTING = 64;

/** Reads declarations by hand: a class because every step moves the same position. */
class TypeReader implements TypeTable {
  readonly records = new Map<string, RecordType>();
  readonly typedefs = new Map<string, CType>();
  readonly enumerators = new Map<string, string>();
  private readonly source: string;
  private readonly cursor: Cursor;
  /** Whether a name stands for nothing but attributes in this file. */
  private readonly isAttribute: (word: string) => boolean;
  private at = 0;
  private depth = 0;

  constructor(source: string, cursor: Cursor, isAttribute: (word: string) => boolean) {
    this.source = source;
    this.cursor = cursor;
    this.isAttribute = isAttribute;
  }

  readAll(): void {
    const { cursor } = this;
    for (let i = 0; i < cursor.count; i++) {
      if (cursor.kind(i) !== IDENTIFIER) continue;
      const word = cursor.text(i);
      if (word === "typedef") i = this.typedef(i);
      else if (word === "enum" && this.hasBody(i)) i = this.readFrom(i) - 1;
      else if ((word === "struct" || word === "union") && this.hasBody(i)) i = this.readFrom(i) - 1;
    }
  }

  typeName(from: number): CType {
    this.at = from;
    const base = this.specifiers();
    return this.declarator(base).type;
  }

  private readFrom(i: number): number {
    this.at = i;
    this.specifiers();
    return Math.max(this.at, i + 1);
  }

  /** `struct x {`, `struct {`, with attributes in between. */
  private hasBody(i: number): boolean {
    const { cursor } = this;
    let k = this.afterAttributes(i + 1);
    if (cursor.kind(k) === IDENTIFIER) k = this.afterAttributes(k + 1);
    return cursor.is(k, "{");
  }

  private typedef(i: number): number {
    const { cursor } = this;
    this.at = i + 1;
    const base = this.specifiers();
    for (;;) {
      const { name, type } = this.declarator(base);
      if (name !== "") this.typedefs.set(name, type);
      if (!cursor.is(this.at, ",")) break;
      this.at++;
    }
    return Math.max(i, this.at - 1);
  }

  /** Everything before the declarators: qualifiers, attributes and one type. */
  private specifiers(): CType {
    const { cursor } = this;
    const words: string[] = [];
    let type: CType | undefined;
    for (;;) {
      this.at = this.afterAttributes(this.at);
      if (cursor.kind(this.at) !== IDENTIFIER) break;
      const word = cursor.text(this.at);
      if (QUALIFIERS.has(word) || STORAGE_WORDS.has(word)) {
        this.at++;
      } else if (
        type === undefined &&
        words.length === 0 &&
        (word === "struct" || word === "union" || word === "enum")
      ) {
        type = this.tagged(word);
      } else if (type === undefined && BUILTIN.has(word)) {
        words.push(word);
        this.at++;
      } else if (SIZEOF_LIKE.has(word) && cursor.is(this.at + 1, "(")) {
        this.at = cursor.closing(this.at + 1) + 1;
        type = { kind: "unknown" };
      } else if (type === undefined && words.length === 0) {
        type = { kind: "typedef", name: word };
        this.at++;
      } else {
        break;
      }
    }
    return type ?? builtin(words);
  }

  private tagged(tag: "struct" | "union" | "enum"): CType {
    const { cursor } = this;
    const start = this.at;
    const before = this.attributesFrom(this.at + 1);
    this.at = before.next;
    let name = "";
    if (cursor.kind(this.at) === IDENTIFIER) {
      name = cursor.text(this.at);
      this.at = this.afterAttributes(this.at + 1);
    }
    if (!cursor.is(this.at, "{")) return { kind: "tagged", tag, name };
    if (tag === "enum") {
      this.enumeration();
      return name === "" ? { kind: "scalar", size: 4, name: "unsigned int" } : { kind: "tagged", tag, name };
    }
    if (this.depth > MAX_NESTING) {
      this.at = cursor.closing(this.at) + 1;
      return { kind: "unknown" };
    }
    this.depth++;
    const fields = this.fields();
    this.depth--;
    const after = this.attributesFrom(this.at);
    this.at = after.next;
    const record: RecordType = {
      tag,
      name,
      fields,
      packed: before.packed || after.packed,
      align: after.align ?? before.align,
      span: cursor.spanOf(start, Math.max(start, this.at - 1)),
    };
    if (name !== "") this.records.set(`${tag} ${name}`, record);
    return { kind: "record", record };
  }

  private enumeration(): void {
    const { cursor, source } = this;
    const close = cursor.closing(this.at);
    // Each counts from the last one that has a value of its own, so that long lists nest no deeper than short ones.
    let base = "0";
    let offset = 0;
    let i = this.at + 1;
    while (i < close) {
      if (cursor.kind(i) !== IDENTIFIER) {
        i++;
        continue;
      }
      const name = cursor.text(i);
      let end = i + 1;
      while (end < close && !cursor.is(end, ",")) {
        if (cursor.is(end, "(")) end = cursor.closing(end);
        end++;
      }
      if (cursor.is(i + 1, "=")) {
        base = source.slice(cursor.end(i + 1), cursor.start(end)).trim();
        offset = 0;
      }
      this.enumerators.set(name, offset === 0 ? base : `(${base})+${offset}`);
      offset++;
      i = end + 1;
    }
    this.at = close + 1;
  }

  private fields(): readonly Field[] {
    const { cursor } = this;
    const close = cursor.closing(this.at);
    const fields: Field[] = [];
    this.at++;
    while (this.at < close) {
      const from = this.at;
      const base = this.specifiers();
      if (base.kind === "record" && cursor.is(this.at, ";"))
        fields.push({ name: "", type: base, bits: undefined, align: undefined });
      else this.fieldDeclarators(base, fields, close);
      while (this.at < close && !cursor.is(this.at, ";")) this.at = this.next(this.at);
      this.at = Math.max(this.at + 1, from + 1);
    }
    this.at = close + 1;
    return fields;
  }

  private fieldDeclarators(base: CType, fields: Field[], close: number): void {
    const { cursor, source } = this;
    while (this.at < close && !cursor.is(this.at, ";")) {
      const from = this.at;
      const { name, type, align } = this.declarator(base);
      let bits: string | undefined;
      if (cursor.is(this.at, ":")) {
        const first = this.at + 1;
        while (this.at < close && !cursor.is(this.at, ";") && !cursor.is(this.at, ",")) this.at++;
        bits = source.slice(cursor.start(first), cursor.end(this.at - 1));
      }
      if (name !== "" || bits !== undefined) fields.push({ name, type, bits, align });
      if (cursor.is(this.at, ",")) this.at++;
      else if (this.at === from) return;
    }
  }

  /** Pointers, a name, bounds; a name may be left out, as in a cast. */
  private declarator(base: CType): { readonly name: string; readonly type: CType; readonly align: string | undefined } {
    const { cursor, source } = this;
    let type = base;
    this.at = this.afterAttributes(this.at);
    while (cursor.is(this.at, "*") || QUALIFIERS.has(cursor.text(this.at))) {
      if (cursor.is(this.at, "*")) type = { kind: "pointer", to: type };
      this.at = this.afterAttributes(this.at + 1);
    }
    let name = "";
    if (cursor.is(this.at, "(")) return this.nested(type);
    if (cursor.kind(this.at) === IDENTIFIER) {
      name = cursor.text(this.at);
      this.at++;
    }
    const counts: string[] = [];
    while (cursor.is(this.at, "[")) {
      const close = cursor.closing(this.at);
      counts.push(source.slice(cursor.end(this.at), cursor.start(close)).trim());
      this.at = close + 1;
    }
    if (cursor.is(this.at, "(")) {
      this.at = cursor.closing(this.at) + 1;
      type = { kind: "function" };
    }
    const { next, align } = this.attributesFrom(this.at);
    this.at = next;
    for (const count of counts.reverse()) type = { kind: "array", of: type, count };
    return { name, type, align };
  }

  /** `(*name)(…)`: a pointer to a function or an array; `(name)`: just that. */
  private nested(base: CType): { readonly name: string; readonly type: CType; readonly align: string | undefined } {
    const { cursor } = this;
    const close = cursor.closing(this.at);
    const isPointer = cursor.is(this.at + 1, "*");
    if (this.depth > MAX_NESTING || (!isPointer && cursor.kind(this.at + 1) !== IDENTIFIER)) {
      // Parameters of an abstract function, `int (void *)`.
      this.at = close + 1;
      return { name: "", type: { kind: "function" }, align: undefined };
    }
    this.at++;
    this.depth++;
    const inner = this.declarator(isPointer ? { kind: "pointer" } : base);
    this.depth--;
    this.at = close + 1;
    while (cursor.is(this.at, "(") || cursor.is(this.at, "[")) this.at = cursor.closing(this.at) + 1;
    return inner;
  }

  private next(i: number): number {
    const { cursor } = this;
    return cursor.is(i, "{") || cursor.is(i, "(") || cursor.is(i, "[") ? Math.max(cursor.closing(i), i) + 1 : i + 1;
  }

  private afterAttributes(i: number): number {
    return this.attributesFrom(i).next;
  }

  private attributesFrom(from: number): {
    readonly next: number;
    readonly packed: boolean;
    readonly align: string | undefined;
  } {
    const { cursor, source } = this;
    let i = from;
    let packed = false;
    let align: string | undefined;
    for (;;) {
      const word = cursor.kind(i) === IDENTIFIER ? cursor.text(i) : "";
      const called = cursor.is(i + 1, "(");
      if (called && (word.startsWith("__attribute") || isAttributeCall(word) || word === "SEC")) {
        const close = cursor.closing(i + 1);
        const text = source.slice(cursor.start(i), cursor.end(close));
        packed ||= /\b(?:__)?packed(?:__)?\b/.test(text);
        align ??= /\b(?:__)?aligned(?:__)?\s*\(\s*([^()]*(?:\([^()]*\))?[^()]*)\)/.exec(text)?.[1];
        i = close + 1;
      } else if (ATTRIBUTE_WORDS.has(word) || (word !== "" && this.isAttribute(word))) {
        packed ||= word === "__packed";
        i++;
      } else {
        return { next: i, packed, align };
      }
    }
  }
}

function builtin(words: readonly string[]): CType {
  if (words.length === 0) return { kind: "unknown" };
  return { kind: "scalar", size: sizeOfBuiltin(words), name: words.join(" ") };
}

function sizeOfBuiltin(words: readonly string[]): number {
  const has = (word: string): boolean => words.includes(word);
  if (has("void") || has("char") || has("bool") || has("_Bool")) return 1;
  if (has("short")) return 2;
  if (has("__int128")) return 16;
  return has("long") || has("double") ? 8 : 4;
}

/** What sizes depend on beside the type itself. */
export interface TypeContext {
  readonly types: TypeTable;
  /** The value of a constant expression. */
  evaluate(expression: string): bigint | undefined;
  /** Records that have been laid out: one may be part of many. */
  readonly known: Map<RecordType, Layout | undefined>;
}

export interface Layout {
  readonly size: number;
  readonly align: number;
  /** Bytes that belong to no field; they hold whatever was there before. */
  readonly padding: number;
}

/** Size and alignment; undefined where something in it is not known. */
export function layoutOf(type: CType, context: TypeContext, depth = 0): Layout | undefined {
  if (depth > 32) return undefined;
  switch (type.kind) {
    case "scalar":
      return { size: type.size, align: type.size, padding: 0 };
    case "pointer":
      return { size: 8, align: 8, padding: 0 };
    case "array": {
      const element = layoutOf(type.of, context, depth + 1);
      const count = type.count === "" ? 0n : context.evaluate(type.count);
      return element === undefined || count === undefined
        ? undefined
        : { size: element.size * Number(count), align: element.align, padding: element.padding * Number(count) };
    }
    case "typedef": {
      const known = context.types.typedefs.get(type.name);
      if (known !== undefined) return layoutOf(known, context, depth + 1);
      const size = SCALARS.get(type.name);
      return size === undefined ? undefined : { size, align: size, padding: 0 };
    }
    case "tagged": {
      // An enumeration is an int; ones with larger values are rare and not sized here.
      if (type.tag === "enum") return { size: 4, align: 4, padding: 0 };
      const name = `${type.tag} ${type.name}`;
      const record = context.types.records.get(name) ?? KERNEL_RECORDS.get(name);
      if (record !== undefined) return recordLayout(record, context, depth + 1);
      const known = KERNEL_TYPES.get(name);
      return known && { ...known, padding: 0 };
    }
    case "record":
      return recordLayout(type.record, context, depth + 1);
    default:
      return undefined;
  }
}

function recordLayout(record: RecordType, context: TypeContext, depth: number): Layout | undefined {
  const { known } = context;
  if (!known.has(record)) {
    // A record inside itself has no size: what is asked meanwhile gets none.
    known.set(record, undefined);
    known.set(record, layOut(record, context, depth));
  }
  return known.get(record);
}

function layOut(record: RecordType, context: TypeContext, depth: number): Layout | undefined {
  let bit = 0;
  let widest = 0;
  let align = 1;
  let used = 0;
  for (const field of record.fields) {
    const layout = layoutOf(field.type, context, depth);
    if (layout === undefined) return undefined;
    const wanted = alignmentOf(field, layout, record.packed, context);
    if (wanted === undefined) return undefined;
    const start = record.tag === "union" ? 0 : bit;
    const end =
      field.bits === undefined
        ? placed(start, wanted) + layout.size * 8
        : placedBits(start, field, layout, record.packed, context);
    if (end === undefined) return undefined;
    bit = end;
    widest = Math.max(widest, end);
    const filled = field.bits === undefined ? (layout.size - layout.padding) * 8 : field.name === "" ? 0 : end - start;
    used = record.tag === "union" ? Math.max(used, filled) : used + filled;
    // An unnamed bit field moves what follows but does not align the whole.
    if (field.name !== "" || field.bits === undefined) align = Math.max(align, wanted);
  }
  if (record.align !== undefined) {
    const own = record.align.trim() === "" ? 16n : context.evaluate(record.align);
    if (own === undefined) return undefined;
    align = Math.max(align, Number(own));
  }
  const size = Math.ceil(Math.ceil(widest / 8) / align) * align;
  return { size, align, padding: size - Math.ceil(used / 8) };
}

/** A field of a structure or union, also of an unnamed one within it. */
export interface FieldPlace {
  readonly field: Field;
  /** In bytes; undefined for a bit field, and where something before it is not known. */
  readonly offset: number | undefined;
}

export function fieldOf(record: RecordType, name: string, context: TypeContext, depth = 0): FieldPlace | undefined {
  if (depth > 16) return undefined;
  let bit: number | undefined = 0;
  for (const field of record.fields) {
    const layout = layoutOf(field.type, context, depth);
    const wanted: number | undefined = layout && alignmentOf(field, layout, record.packed, context);
    const start: number | undefined = record.tag === "union" ? 0 : bit;
    const isPlain = field.bits === undefined;
    const at: number | undefined = start === undefined || wanted === undefined ? undefined : placed(start, wanted);
    if (field.name === name) return { field, offset: at === undefined || !isPlain ? undefined : at / 8 };
    if (field.name === "" && isPlain && field.type.kind === "record") {
      const inner = fieldOf(field.type.record, name, context, depth + 1);
      if (inner !== undefined) {
        const offset = at === undefined || inner.offset === undefined ? undefined : at / 8 + inner.offset;
        return { field: inner.field, offset };
      }
    }
    if (at === undefined || layout === undefined || start === undefined) bit = undefined;
    else bit = isPlain ? at + layout.size * 8 : placedBits(start, field, layout, record.packed, context);
  }
  return undefined;
}

function alignmentOf(field: Field, layout: Layout, packed: boolean, context: TypeContext): number | undefined {
  const own = field.align === undefined ? undefined : context.evaluate(field.align);
  if (field.align !== undefined && own === undefined) return undefined;
  return Math.max(packed ? 1 : layout.align, Number(own ?? 1n));
}

function placed(bit: number, align: number): number {
  return Math.ceil(bit / (align * 8)) * align * 8;
}

function placedBits(
  bit: number,
  field: Field,
  layout: Layout,
  packed: boolean,
  context: TypeContext,
): number | undefined {
  const width = context.evaluate(field.bits ?? "");
  if (width === undefined) return undefined;
  const unit = layout.size * 8;
  if (width === 0n) return Math.ceil(bit / unit) * unit;
  const bits = Number(width);
  const crosses = !packed && Math.floor(bit / unit) !== Math.floor((bit + bits - 1) / unit);
  return (crosses ? Math.ceil(bit / unit) * unit : bit) + bits;
}

function isAttributeCall(word: string): boolean {
  return ATTRIBUTE_CALLS.has(word) || LEADING_ATTRIBUTE_CALLS.has(word);
}
