/** Completion in a map's definition: the attributes it lacks, and what may stand as the value of each. */

import type { CompletionItem } from "vscode-languageserver-types";
import type { KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import type { MapRules, NumberRule } from "../../analysis/knowledge/types.ts";
import type { Cursor } from "../../analysis/syntax/cursor.ts";
import { MEMBER_MACROS } from "../../analysis/syntax/dialect-words.ts";
import { fits } from "./fits.ts";
import { AGAIN, type Asked, KIND, plain, RANK, ranked, SNIPPET, typeWord } from "./item.ts";
import { isLibbpf } from "./loader-sections.ts";
import {
  entriesFor,
  entriesUnit,
  isNone,
  lacking,
  rulesOf,
  ruleText,
  type Sized,
  sizesFor,
  takesValues,
  typesFor,
} from "./map-rules.ts";
import { enumeratorItem } from "./names.ts";
import type { CodePlace, Opening } from "./place.ts";

interface Definition {
  /** Attributes with their values, those that stand around the cursor left out. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Without `BPF_MAP_TYPE_`. */
  readonly type: string | undefined;
  /** What the kernel asks of the type; absent where it is not said or not known. */
  readonly rules: MapRules | undefined;
  /** It is the pattern of the maps that another map holds. */
  readonly isInner: boolean;
  /** The member around the cursor: `__uint(type, …`. */
  readonly member: { readonly macro: string; readonly attribute: string; readonly argument: number } | undefined;
}

/** @returns undefined where the cursor is in no map's definition */
export function mapDefinitionItems(asked: Asked, place: CodePlace): CompletionItem[] | undefined {
  const definition = definitionAt(place, asked);
  if (definition === undefined) return undefined;
  const { member } = definition;
  if (member === undefined) return /^[{;]$/.test(place.before) ? attributeItems(asked, place, definition) : undefined;
  if (member.argument === 0) return nameItems(asked, definition, member.macro);
  if (member.argument > 1) return [];
  return valueItems(asked, place, definition, member.attribute);
}

function definitionAt({ openings, cursor, word }: CodePlace, { kb, view }: Asked): Definition | undefined {
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
  const type = written && typeWord(written);
  return { attributes, type, rules: rulesOf(type, kb, view.targets), isInner, member };
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
  { macro: "__type", name: "key", detail: "the type of its keys", value: "" },
  { macro: "__type", name: "value", detail: "the type of its values", value: "" },
  { macro: "__array", name: "values", detail: "what it holds: inner maps, or programs", value: "" },
  { macro: "__uint", name: "map_flags", detail: "flags that the kernel takes for this type", value: "" },
  { macro: "__uint", name: "pinning", detail: "pinned below /sys/fs/bpf by its name", value: "LIBBPF_PIN_BY_NAME" },
  { macro: "__uint", name: "key_size", detail: "size of a key, instead of its type", value: "" },
  { macro: "__uint", name: "value_size", detail: "size of a value, instead of its type", value: "" },
  { macro: "__ulong", name: "map_extra", detail: "extra", value: "0" },
];

/** What fits the type and is not there yet; as long as no type is said, everything. */
function missing(definition: Definition): readonly Attribute[] {
  return ATTRIBUTES.filter(({ name }) => !definition.attributes.has(name) && !isRefused(definition, name));
}

function isRefused({ attributes, type, rules, isInner }: Definition, name: string): boolean {
  switch (name) {
    case "max_entries":
      return isNone(rules?.entries);
    case "key":
      return isNone(rules?.key) || attributes.has("key_size");
    case "key_size":
      return isNone(rules?.key) || rules?.btf === true || attributes.has("key");
    case "value":
      return isNone(rules?.value) || rules?.inner === true || attributes.has("value_size") || attributes.has("values");
    case "value_size":
      return isNone(rules?.value) || rules?.btf === true || attributes.has("value");
    case "values":
      return isInner || !takesValues(type, rules);
    case "pinning":
      // libbpf pins no pattern.
      return isInner;
    case "map_extra":
      return rules !== undefined && rules.extra === undefined;
    case "map_flags":
      return rules?.flags.length === 0;
    default:
      return false;
  }
}

function attributeItems(asked: Asked, place: CodePlace, definition: Definition): CompletionItem[] {
  const { file } = asked;
  const rest = file.text.slice(place.word.end, place.word.end + 20);
  const end = /^\s*[;(]/.test(rest) ? "" : ";";
  return missing(definition).map(({ macro, name, detail, value }, n) => {
    const label = `${macro}(${name}, …)`;
    const text = beginning(asked, definition, name, value);
    const insertText = `${macro}(${name}, ${text === "" ? "$0" : `\${1:${plain(text)}}`})${end}`;
    const item: CompletionItem = {
      label,
      kind: KIND.property,
      detail: detailOf(asked, definition, name, detail),
      filterText: `${macro}(${name}`,
      insertText,
      insertTextFormat: SNIPPET,
      sortText: String(n).padStart(2, "0"),
      ...(text === "" && { command: AGAIN }),
    };
    return ranked(item, isRequired(definition, name) ? RANK.best : RANK.good);
  });
}

/** What to begin with, so that the kernel takes the definition as it is. */
function beginning(asked: Asked, { type, rules }: Definition, name: string, usual: string): string {
  switch (name) {
    case "map_flags":
      return rules?.requires?.join(" | ") ?? usual;
    case "values":
      if (rules?.inner) return "struct inner_map";
      return type === "PROG_ARRAY" ? "int (void *)" : usual;
    case "key":
    case "value":
      return typesFor(type, name, rules, structsOf(asked))[0] ?? `struct ${name}`;
    case "key_size":
      return sizesFor(type, "key", rules)[0] ?? "sizeof(struct key)";
    case "value_size":
      return sizesFor(type, "value", rules)[0] ?? "sizeof(struct value)";
    default:
      return usual;
  }
}

function detailOf({ view }: Asked, { type, rules }: Definition, name: string, usual: string): string {
  if (rules === undefined) return usual;
  switch (name) {
    case "map_flags":
      return rules.requires === undefined ? usual : `${type} needs ${rules.requires.join(" | ")}`;
    case "key":
    case "key_size":
      return [usual, bytes(rules.key)].filter(Boolean).join(": ");
    case "value":
    case "value_size":
      return rules.inner ? usual : [usual, bytes(rules.value)].filter(Boolean).join(": ");
    case "max_entries": {
      const unit = entriesUnit(type, rules.entries);
      const text = ruleText(rules.entries);
      const own = unit === "entries" ? [usual, text] : [unit, text];
      const helped = isLibbpf(view.loader) && rules.libbpf?.includes(name) ? ` · libbpf: ${rules.libbpf}` : "";
      return own.filter(Boolean).join(": ") + helped;
    }
    case "map_extra":
      return rules.extra ?? usual;
    default:
      return usual;
  }
}

function bytes(rule: NumberRule): string {
  const text = ruleText(rule);
  return text === "" ? "" : `${text} bytes`.replace(/(, a multiple of \d+) bytes$/, " bytes$1");
}

function isRequired({ rules }: Definition, name: string): boolean {
  return name === "type" || (name === "map_flags" && rules?.requires !== undefined);
}

/** `__uint($0`: the attributes that this macro writes. */
function nameItems(asked: Asked, definition: Definition, macro: string): CompletionItem[] {
  return missing(definition)
    .filter((one) => one.macro === macro)
    .map(({ name, detail }, n) =>
      ranked(
        { label: name, kind: KIND.property, detail: detailOf(asked, definition, name, detail), sortText: `${n}` },
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
  if (attribute === "key_size" || attribute === "value_size")
    return sizeItems(place, definition, attribute === "key_size" ? "key" : "value");
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

function flagItems(asked: Asked, place: CodePlace, { type, rules }: Definition): CompletionItem[] {
  const taken = new Set(flagsHere(place));
  return flagsFor(asked.kb, rules)
    .filter((name) => !taken.has(name))
    .flatMap((name) => {
      const fact = asked.kb.facts.flags.find((flag) => flag.name === name);
      if (fact === undefined) return [];
      const item = enumeratorItem(asked, "flag", fact, RANK.good);
      if (rules?.requires?.includes(name)) return [ranked({ ...item, detail: `${type} needs it` }, 0)];
      const why = type && tooEarly(asked, type, rules?.since?.[name]);
      return [why === undefined ? item : ranked(item, RANK.good, why)];
    });
}

function flagsFor({ facts }: KnowledgeBase, rules: MapRules | undefined): readonly string[] {
  return rules?.flags ?? [...new Set(facts.mapTypes.flatMap((fact) => fact.rules?.flags ?? []))].sort();
}

/** The flag itself may be older than its use here. */
function tooEarly({ view }: Asked, type: string, since: string | undefined): string | undefined {
  const without = since === undefined ? [] : lacking(since, view.targets);
  return without.length === 0
    ? undefined
    : `not on ${without.map(({ label }) => label).join(", ")}: ${type} takes it since ${since}`;
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

function entriesItems({ prefix }: CodePlace, { type, rules }: Definition): CompletionItem[] {
  const detail = isNone(rules?.entries) ? "it grows with what it belongs to" : entriesUnit(type, rules?.entries);
  return entriesFor(type, rules?.entries)
    .filter(() => prefix === "")
    .map((label, n) => ranked({ label, kind: KIND.value, detail, sortText: `${n}` }, RANK.best));
}

function sizeItems(
  { before, prefix }: CodePlace,
  { type, rules }: Definition,
  what: "key" | "value",
): CompletionItem[] {
  if (!/^[(,]$/.test(before)) return [];
  return sizesFor(type, what, rules)
    .filter((text) => fits(text, prefix))
    .map((label, n) => ranked({ label, kind: KIND.value, detail: "bytes", sortText: `${n}` }, RANK.best));
}

function structsOf({ file: { text, model } }: Asked): readonly Sized[] {
  const names = [...text.matchAll(/\bstruct\s+([A-Za-z_]\w*)\s*\{/g)].map(([, name]) => `struct ${name}`);
  return [...new Set(names)].map((name) => ({ name, size: model.layoutOf(name)?.size }));
}

function typeNameItems(
  asked: Asked,
  { before, prefix }: CodePlace,
  { type, rules }: Definition,
  what: "key" | "value",
): CompletionItem[] {
  const names = typesFor(type, what, rules, structsOf(asked));
  const behindStruct = names.filter((name) => name.startsWith("struct ")).map((name) => name.slice("struct ".length));
  return [...new Set(before === "struct" ? behindStruct : names)]
    .filter((name) => fits(name, prefix))
    .map((label, n) => ranked({ label, kind: KIND.struct, sortText: String(n).padStart(2, "0") }, RANK.best));
}
