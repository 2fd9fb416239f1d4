/** Completion in a map's definition: the attributes it lacks, and what may stand as the value of each. */

import type { CompletionItem } from "vscode-languageserver-types";
import type { Cursor } from "../../analysis/syntax/cursor.ts";
import { MEMBER_MACROS } from "../../analysis/syntax/dialect-words.ts";
import { AGAIN, type Asked, fits, KIND, plain, RANK, ranked, SNIPPET, typeWord } from "./item.ts";
import {
  INDEXED,
  MAP_RULES,
  RING_BUFFERS,
  WITH_EXTRA,
  WITH_VALUES,
  WITHOUT_ENTRIES,
  WITHOUT_KEY,
  WITHOUT_VALUE,
} from "./map-flags.ts";
import { enumeratorItem } from "./names.ts";
import type { CodePlace, Opening } from "./place.ts";

interface Definition {
  /** Attributes with their values, those that stand around the cursor left out. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Without `BPF_MAP_TYPE_`. */
  readonly type: string | undefined;
  /** It is the pattern of the maps that another map holds. */
  readonly isInner: boolean;
  /** The member around the cursor: `__uint(type, …`. */
  readonly member: { readonly macro: string; readonly attribute: string; readonly argument: number } | undefined;
}

/** @returns undefined where the cursor is in no map's definition */
export function mapDefinitionItems(asked: Asked, place: CodePlace): CompletionItem[] | undefined {
  const definition = definitionAt(place);
  if (definition === undefined) return undefined;
  const { member } = definition;
  if (member === undefined) return /^[{;]$/.test(place.before) ? attributeItems(asked, place, definition) : undefined;
  if (member.argument === 0) return nameItems(definition, member.macro);
  if (member.argument > 1) return [];
  return valueItems(asked, place, definition, member.attribute);
}

function definitionAt({ openings, cursor, word }: CodePlace): Definition | undefined {
  const body = openings.findLastIndex(({ token }) => cursor.is(token, "{"));
  const brace = openings[body];
  if (brace === undefined || !opensStruct(cursor, brace.token)) return undefined;
  const paren = openings[body + 1];
  const around = openings[body - 1];
  const isInner = around !== undefined && cursor.text(around.token - 1) === "__array";
  const end = closingBrace(cursor, brace.token);
  const attributes = attributesIn(cursor, brace.token, end, word.start);
  const isMap = isInner || attributes.size > 0 || isMapSection(cursor, end);
  const member = memberAt(cursor, paren);
  if (!isMap && member === undefined) return undefined;
  const written = attributes.get("type");
  return { attributes, type: written && typeWord(written), isInner, member };
}

function opensStruct(cursor: Cursor, brace: number): boolean {
  return cursor.text(brace - 1) === "struct" || cursor.text(brace - 2) === "struct";
}

/** Or the end of the text, where it is missing. */
function closingBrace(cursor: Cursor, open: number): number {
  let depth = 0;
  for (let i = open; i < cursor.count; i++) {
    if (cursor.is(i, "{")) depth++;
    else if (cursor.is(i, "}") && --depth === 0) return i;
    // A program: the brace was never closed.
    else if (i > open + 1 && cursor.text(i) === "SEC" && depth === 1) return i;
  }
  return cursor.count;
}

function attributesIn(cursor: Cursor, from: number, to: number, at: number): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let depth = 0;
  for (let i = from; i < to; i++) {
    if (cursor.is(i, "{")) depth++;
    else if (cursor.is(i, "}")) depth--;
    if (depth !== 1 || !MEMBER_MACROS.has(cursor.text(i)) || !cursor.is(i + 1, "(")) continue;
    const close = closingOf(cursor, i + 1, to);
    const isHere = cursor.start(i) < at && at <= cursor.start(close);
    if (!isHere) found.set(cursor.text(i + 2), words(cursor, i + 4, close));
  }
  return found;
}

/** The parenthesis, or what shows that it is missing. */
function closingOf(cursor: Cursor, open: number, to: number): number {
  let depth = 0;
  for (let i = open; i < to; i++) {
    if (cursor.is(i, "(")) depth++;
    else if (cursor.is(i, ")") && --depth === 0) return i;
    else if (i > open && depth === 1 && (cursor.is(i, ";") || MEMBER_MACROS.has(cursor.text(i)))) return i;
  }
  return to;
}

function words(cursor: Cursor, from: number, to: number): string {
  return Array.from({ length: Math.max(0, to - from) }, (_, n) => cursor.text(from + n)).join(" ");
}

/** `} name SEC(".maps")` behind the brace. */
function isMapSection(cursor: Cursor, brace: number): boolean {
  for (let i = brace; i < brace + 6; i++) if (cursor.text(i) === '".maps"') return true;
  return false;
}

function memberAt(cursor: Cursor, paren: Opening | undefined): Definition["member"] {
  if (paren === undefined || !cursor.is(paren.token, "(")) return undefined;
  const macro = cursor.text(paren.token - 1);
  if (!MEMBER_MACROS.has(macro)) return undefined;
  return { macro, attribute: cursor.text(paren.token + 1), argument: paren.commas };
}

interface Attribute {
  readonly macro: string;
  readonly name: string;
  readonly detail: string;
  /** What to begin with; `""` asks for suggestions. */
  readonly value: string;
}

const ATTRIBUTES: readonly Attribute[] = [
  { macro: "__uint", name: "type", detail: "what kind of map it is", value: "" },
  { macro: "__uint", name: "max_entries", detail: "how much it holds", value: "" },
  { macro: "__type", name: "key", detail: "the type of its keys", value: "__u32" },
  { macro: "__type", name: "value", detail: "the type of its values", value: "__u64" },
  { macro: "__array", name: "values", detail: "what it holds: inner maps, or programs", value: "" },
  { macro: "__uint", name: "map_flags", detail: "flags that the kernel takes for this type", value: "" },
  { macro: "__uint", name: "pinning", detail: "pinned below /sys/fs/bpf by its name", value: "LIBBPF_PIN_BY_NAME" },
  { macro: "__uint", name: "key_size", detail: "size of a key, instead of its type", value: "sizeof(__u32)" },
  { macro: "__uint", name: "value_size", detail: "size of a value, instead of its type", value: "sizeof(__u32)" },
  { macro: "__ulong", name: "map_extra", detail: "extra", value: "0" },
];

/** What fits the type and is not there yet; as long as no type is said, everything. */
function missing({ attributes, type, isInner }: Definition): readonly Attribute[] {
  const lacksEntries = type !== undefined && WITHOUT_ENTRIES.has(type);
  const keyless = type !== undefined && WITHOUT_KEY.has(type);
  const valueless = type !== undefined && WITHOUT_VALUE.has(type);
  const refused = new Set([
    ...(lacksEntries ? ["max_entries"] : []),
    ...(keyless || attributes.has("key_size") ? ["key"] : []),
    ...(keyless || attributes.has("key") ? ["key_size"] : []),
    ...(valueless || attributes.has("value_size") || attributes.has("values") ? ["value"] : []),
    ...((valueless && !type?.endsWith("_OF_MAPS")) || attributes.has("value") ? ["value_size"] : []),
    ...(isInner || (type !== undefined && !WITH_VALUES.has(type)) ? ["values"] : []),
    // libbpf pins no pattern.
    ...(isInner ? ["pinning"] : []),
    ...(type === undefined || WITH_EXTRA.has(type) ? [] : ["map_extra"]),
    ...(type !== undefined && MAP_RULES[type]?.flags.length === 0 ? ["map_flags"] : []),
  ]);
  return ATTRIBUTES.filter(({ name }) => !attributes.has(name) && !refused.has(name));
}

function attributeItems({ file }: Asked, place: CodePlace, definition: Definition): CompletionItem[] {
  const rest = file.text.slice(place.word.end, place.word.end + 20);
  const end = /^\s*[;(]/.test(rest) ? "" : ";";
  return missing(definition).map(({ macro, name, detail, value }, n) => {
    const label = `${macro}(${name}, …)`;
    const text = beginning(definition, name, value);
    const insertText = `${macro}(${name}, ${text === "" ? "$0" : `\${1:${plain(text)}}`})${end}`;
    const item: CompletionItem = {
      label,
      kind: KIND.property,
      detail: detailOf(definition, name, detail),
      filterText: `${macro}(${name}`,
      insertText,
      insertTextFormat: SNIPPET,
      sortText: String(n).padStart(2, "0"),
      ...(text === "" && { command: AGAIN }),
    };
    return ranked(item, isRequired(definition, name) ? RANK.best : RANK.good);
  });
}

function beginning({ type = "" }: Definition, name: string, value: string): string {
  const required = MAP_RULES[type]?.required;
  if (name === "map_flags" && required !== undefined) return required.join(" | ");
  if (name === "values" && type.endsWith("_OF_MAPS")) return "struct inner_map";
  if (name === "values" && type === "PROG_ARRAY") return "int (void *)";
  return name === "key" && type.endsWith("_STORAGE") && !type.includes("CGROUP") ? "int" : value;
}

function detailOf({ type = "" }: Definition, name: string, detail: string): string {
  if (name === "map_flags" && MAP_RULES[type]?.required !== undefined)
    return `${type} needs ${MAP_RULES[type].required.join(" | ")}`;
  if (name === "key" && INDEXED.has(type)) return "an index: four bytes";
  if (name === "max_entries" && RING_BUFFERS.has(type)) return "bytes: a power of two and of whole pages";
  if (name !== "map_extra") return detail;
  if (type === "BLOOM_FILTER") return "number of hash functions, at most 15";
  return type === "ARENA" ? "where it begins in user space's memory" : "for bloom filters and arenas";
}

function isRequired({ type = "" }: Definition, name: string): boolean {
  return name === "type" || (name === "map_flags" && MAP_RULES[type]?.required !== undefined);
}

/** `__uint($0`: the attributes that this macro writes. */
function nameItems(definition: Definition, macro: string): CompletionItem[] {
  return missing(definition)
    .filter((one) => one.macro === macro)
    .map(({ name, detail }, n) =>
      ranked(
        { label: name, kind: KIND.property, detail: detailOf(definition, name, detail), sortText: `${n}` },
        RANK.best,
      ),
    );
}

/** @returns undefined where any expression or type may stand */
function valueItems(
  asked: Asked,
  place: CodePlace,
  definition: Definition,
  attribute: string,
): CompletionItem[] | undefined {
  if (attribute === "type") return typeItems(asked, place);
  if (attribute === "map_flags") return flagItems(asked, place, definition);
  if (attribute === "pinning") return pinningItems();
  if (attribute === "max_entries" && /^[(,]$/.test(place.before)) return entriesItems(place, definition);
  if (attribute === "key" || attribute === "value") return typeNameItems(asked, place, definition, attribute);
  return undefined;
}

/** Made by libbpf for a structure in .struct_ops, or by nobody: no definition says them. */
const NOT_WRITTEN = new Set(["BPF_MAP_TYPE_UNSPEC", "BPF_MAP_TYPE_STRUCT_OPS"]);
const COMMON_TYPES = new Set(
  "HASH ARRAY PERCPU_HASH PERCPU_ARRAY LRU_HASH RINGBUF PERF_EVENT_ARRAY PROG_ARRAY LPM_TRIE".split(" "),
);

function typeItems(asked: Asked, { prefix }: CodePlace): CompletionItem[] {
  return asked.kb.facts.mapTypes
    .filter(({ name }) => !NOT_WRITTEN.has(name) && fits(name, prefix))
    .map((fact) =>
      enumeratorItem(asked, "map-type", fact, COMMON_TYPES.has(typeWord(fact.name)) ? RANK.best : RANK.usual),
    );
}

function flagItems(asked: Asked, place: CodePlace, { type }: Definition): CompletionItem[] {
  const rule = type === undefined ? undefined : MAP_RULES[type];
  const taken = new Set(flagsHere(place));
  const names = rule?.flags ?? [...new Set(Object.values(MAP_RULES).flatMap(({ flags }) => flags))];
  return names
    .filter((name) => !taken.has(name))
    .flatMap((name) => {
      const fact = asked.kb.facts.flags.find((flag) => flag.name === name);
      if (fact === undefined) return [];
      const item = enumeratorItem(asked, "flag", fact, RANK.good);
      return rule?.required?.includes(name) ? [ranked({ ...item, detail: `${type} needs it` }, 0)] : [item];
    });
}

/** Those that stand before the cursor: `BPF_F_A | BPF_F_B | `. */
function flagsHere({ openings, cursor, word }: CodePlace): readonly string[] {
  const from = openings.at(-1)?.token ?? 0;
  const found: string[] = [];
  for (let i = from; cursor.end(i) <= word.start && i < cursor.count; i++) found.push(cursor.text(i));
  return found;
}

function pinningItems(): CompletionItem[] {
  return [
    ranked(
      { label: "LIBBPF_PIN_BY_NAME", kind: KIND.constant, detail: "in /sys/fs/bpf, or where the loader says" },
      RANK.best,
    ),
    ranked({ label: "LIBBPF_PIN_NONE", kind: KIND.constant, detail: "not pinned" }, RANK.good),
  ];
}

function entriesItems(place: CodePlace, { type = "" }: Definition): CompletionItem[] {
  // Pages have 4 KiB on most processors and 64 KiB on some: what is good for both comes first.
  const sizes = ["256 * 1024", "64 * 1024", "1024 * 1024", "16 * 1024 * 1024", "4096"];
  const counts = type === "ARENA" ? ["100", "1000"] : ["1024", "1", "256", "10240", "65536"];
  const isRing = RING_BUFFERS.has(type);
  const detail = isRing ? "bytes" : type === "ARENA" ? "pages" : "entries";
  return (isRing ? sizes : counts)
    .filter(() => place.prefix === "")
    .map((label, n) => ranked({ label, kind: KIND.value, detail, sortText: `${n}` }, RANK.best));
}

function typeNameItems(
  asked: Asked,
  { before, prefix }: CodePlace,
  { type = "" }: Definition,
  attribute: string,
): CompletionItem[] {
  const structs = [...asked.file.text.matchAll(/\b(struct\s+[A-Za-z_]\w*)\s*\{/g)].map(([, name = ""]) =>
    name.replace(/\s+/, " "),
  );
  const isIndex = attribute === "key" && INDEXED.has(type);
  const isHandle = attribute === "key" && /^(?:SK|TASK|INODE|CGRP)_STORAGE$/.test(type);
  const plainTypes = isIndex ? ["__u32"] : isHandle ? ["int"] : ["__u32", "__u64", "__u16", "__u8"];
  const names =
    before === "struct"
      ? structs.map((name) => name.replace("struct ", ""))
      : [...plainTypes, ...(isIndex || isHandle ? [] : structs)];
  return [...new Set(names)]
    .filter((name) => fits(name, prefix))
    .map((label, n) => ranked({ label, kind: KIND.struct, sortText: String(n).padStart(2, "0") }, RANK.best));
}
