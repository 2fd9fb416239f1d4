/** Fields that the kernel takes care of: where they stand in a type, and what the words beside them say. */

import { perModel } from "../for-rules/per-model.ts";
import type { BpfModel } from "../model.ts";
import type { Span } from "../text.ts";
import { type CType, nameOf, readType, UNKNOWN } from "./ctypes.ts";
import { isConstant, type NumberValue, type PointerValue, type Value } from "./values.ts";
import type { Walk } from "./watch.ts";

/** What stands at a place of a type. */
export interface FieldHere {
  /** `struct bpf_spin_lock`, or what a pointer points to. */
  readonly type: string;
  readonly isPointer: boolean;
  readonly name: string;
  /** `struct foo`, of which it is a field; empty for a variable of its own, or in a structure without a name. */
  readonly owner: string;
}

/** Undefined where the types do not tell, `none` where no field begins there. */
export type Here = FieldHere | "none" | undefined;

export function isSpecial(type: string): boolean {
  return SPECIAL.has(type);
}

/** btf_parse_fields() of linux:kernel/bpf/btf.c, without pointers. */
const SPECIAL: ReadonlySet<string> = new Set(
  "spin_lock res_spin_lock timer wq task_work list_head list_node rb_root rb_node refcount"
    .split(" ")
    .map((name) => `struct bpf_${name}`),
);

/** What a pointer leads to. */
export function fieldBehind(pointer: PointerValue, walk: Walk): Here {
  const type = wholeType(pointer, walk);
  if (type === undefined || pointer.offset === undefined || pointer.added.length > 0) return undefined;
  if (pointer.thing.kind !== "global") return fieldAt(type, pointer.offset, walk.model, { name: "", owner: "" });
  // Of an array each element is the same.
  const size = walk.model.types.layout(type)?.size;
  const offset = size === undefined || size <= 0 ? pointer.offset : pointer.offset % size;
  return fieldAt(type, offset, walk.model, { name: pointer.thing.name, owner: "" });
}

/** Of what a pointer points into, as far as its fields are of interest. */
export function wholeType({ thing: { kind, name, type } }: PointerValue, { model }: Walk): CType | undefined {
  if (kind === "global") {
    if (name === "") return undefined;
    const type =
      model.globals.find((one) => one.name === name)?.type ??
      // Variables of headers are known by what their marks say.
      contentsOf({ model })
        .get(name)
        ?.find(({ owner }) => owner === "")?.list;
    return type === undefined ? undefined : readType(type, model.types);
  }
  return (kind === "map value" || kind === "object") && type !== "" && type !== "void"
    ? readType(type, model.types)
    : undefined;
}

interface Named {
  readonly name: string;
  readonly owner: string;
}

function fieldAt(type: CType, offset: number, model: BpfModel, here: Named): Here {
  const { types } = model;
  const found = types.behind(type);
  if (found.kind === "pointer")
    return offset === 0 ? { ...here, type: nameOf(found.to ?? UNKNOWN), isPointer: true } : "none";
  const size = types.layout(found)?.size;
  if (size === undefined || size <= 0 || offset < 0) return undefined;
  if (found.kind === "array") {
    const each = types.layout(found.of)?.size;
    return each === undefined || each <= 0 ? undefined : fieldAt(found.of, offset % each, model, here);
  }
  const name = nameOf(found);
  if (SPECIAL.has(name)) return offset === 0 ? { ...here, type: name, isPointer: false } : "none";
  if (found.kind !== "record" && found.kind !== "tagged") return "none";
  if (offset >= size) return undefined;
  return fieldWithin(found, name, offset, model);
}

function fieldWithin(record: CType, owner: string, offset: number, model: BpfModel): Here {
  const { types } = model;
  const names = record.kind === "record" ? record.record.fields : model.recordOf(owner)?.fields;
  if (names === undefined || owner.startsWith("union ")) return undefined;
  let isWhole = true;
  for (const { name } of names) {
    const field = name === "" ? undefined : types.field(record, name);
    const size = field && types.layout(field.type)?.size;
    if (field?.offset === undefined || size === undefined) isWhole = false;
    else if (field.offset <= offset && offset < field.offset + size)
      return field.isBits ? "none" : fieldAt(field.type, offset - field.offset, model, { name, owner });
  }
  return isWhole ? "none" : undefined;
}

/** BTF_FIELDS_MAX of linux:include/linux/bpf.h: of a type with more of such fields the kernel knows none. */
export const MOST_FIELDS = 11;

/** How many fields of a type the kernel takes care of, each element of an array by itself, as far as the types tell. */
export function specialFields(type: CType, model: BpfModel): number {
  const { types } = model;
  const found = types.behind(type);
  if (SPECIAL.has(nameOf(found))) return 1;
  if (found.kind === "array") {
    const one = specialFields(found.of, model);
    const [whole, each] = [types.layout(found)?.size ?? 0, types.layout(found.of)?.size ?? 0];
    return one === 0 || each === 0 ? 0 : one * Math.floor(whole / each);
  }
  const owner = nameOf(found);
  const names = found.kind === "record" ? found.record.fields : model.recordOf(owner)?.fields;
  let sum = 0;
  for (const { name } of names ?? []) {
    const field = name === "" ? undefined : types.field(found, name);
    if (field === undefined) continue;
    if (types.behind(field.type).kind !== "pointer") sum += specialFields(field.type, model);
    else if (
      keptMarks({ model })
        .get(name)
        ?.some((mark) => mark.owner === owner) === true
    )
      sum++;
  }
  return sum;
}

/** Whether a structure has such a field anywhere at its top level; undefined where that is not known. */
export function hasField(type: CType, wanted: string, model: BpfModel): boolean | undefined {
  const found = model.types.behind(type);
  const fields = found.kind === "record" ? found.record.fields : model.recordOf(nameOf(found))?.fields;
  if (fields === undefined) return undefined;
  let isWhole = true;
  for (const { name } of fields) {
    const field = name === "" ? undefined : model.types.field(found, name);
    if (field === undefined) isWhole = false;
    else if (nameOf(field.type) === wanted) return true;
  }
  return isWhole ? false : undefined;
}

/** What a list or a tree holds: `__contains(foo, node)`. */
export interface Contents {
  /** `struct foo` */
  readonly type: string;
  readonly field: string;
  /** `struct bpf_list_head` */
  readonly list: string;
  /** The structure that the list itself is a field of; empty of a variable. */
  readonly owner: string;
  /** Where it says so, in its own text. */
  readonly at: Span;
}

/** By the name of the variable or the field that is the list: what such ones hold. Several may have one name. */
export const contentsOf = perModel([], ({ model }) => marksIn(model, "contents"));

/** By the name of the field or the variable: the pointers that maps and objects keep. */
export const keptMarks = perModel([], ({ model }) => marksIn(model, "kept"));

/** Those that the file itself declares, each with its name. */
export function declaredContents({ code }: BpfModel): readonly (Contents & { readonly name: string })[] {
  if (!code.has(/contains/)) return [];
  return [...marksOf(code.text).contents].flatMap(([name, list]) => list.map((one) => ({ ...one, name })));
}

interface Marks {
  readonly contents: ReadonlyMap<string, readonly Contents[]>;
  readonly kept: ReadonlyMap<string, readonly KeptMark[]>;
}

function marksIn<K extends keyof Marks>({ code, headers }: BpfModel, which: K): Marks[K] {
  const all: Marks[] = code.has(/contains|_kptr/) ? [marksOf(code.text)] : [];
  for (const header of headers) all.push(marksOfHeader(header));
  const joined = new Map<string, (Contents | KeptMark)[]>();
  for (const marks of all)
    for (const [name, list] of marks[which]) joined.set(name, [...(joined.get(name) ?? []), ...list]);
  return joined as ReadonlyMap<string, readonly unknown[]> as Marks[K];
}

const known = new WeakMap<BpfModel["headers"][number], Marks>();

/** A header is the same for many versions of a file. */
function marksOfHeader(header: BpfModel["headers"][number]): Marks {
  let marks = known.get(header);
  if (marks === undefined) {
    marks = marksOf(header.lowered.source);
    known.set(header, marks);
  }
  return marks;
}

function marksOf(text: string): Marks {
  const contents = new Map<string, Contents[]>();
  const kept = new Map<string, KeptMark[]>();
  if (text.includes("contains:") || text.includes("__contains"))
    for (const {
      0: all,
      1: kind,
      2: name = "",
      3: type,
      4: field,
      5: otherType,
      6: otherField,
      index,
    } of text.matchAll(CONTAINS))
      add(contents, name, {
        type: `struct ${type ?? otherType}`,
        field: field ?? otherField ?? "",
        list: `struct bpf_${kind}`,
        owner: ownerBefore(text, index),
        at: { start: index, end: index + all.length },
      });
  if (text.includes("_kptr"))
    for (const { 1: type = "", 2: mark = "", 3: name = "", index } of text.matchAll(KEPT))
      add(kept, name, {
        type: type.replace(/\s+/g, " "),
        isUntrusted: mark.includes("untrusted"),
        owner: ownerBefore(text, index),
      });
  return { contents, kept };
}

function add<T>(table: Map<string, T[]>, name: string, one: T): void {
  const list = table.get(name);
  if (list === undefined) table.set(name, [one]);
  else list.push(one);
}

const CONTAINS =
  /\bstruct\s+bpf_(list_head|rb_root)\s+(\w+)(?:\s*\[\w*\])*\s+(?:__contains\s*\(\s*(\w+)\s*,\s*(\w+)\s*\)|__attribute__\s*\(\(\s*btf_decl_tag\s*\(\s*"contains:(\w+):(\w+)"\s*\)\s*\)\))/g;

/** How a pointer is marked that a map or an object keeps. */
export interface KeptMark {
  /** What it points to, as written: `struct task_struct`. */
  readonly type: string;
  readonly isUntrusted: boolean;
  /** The structure that it is a field of; empty of a variable, and where that has no name. */
  readonly owner: string;
}

const KEPT = /\b((?:struct\s+)?\w+)\s+(__(?:percpu_)?kptr(?:_untrusted|_ref)?)\s*\*\s*(\w+)\s*(?:\[[^\]]*\]\s*)*;/g;

/** No structure of a map's values is as long as that. */
const LONGEST = 4000;

/** The structure that a place stands in: `struct foo`, `struct` alone without a name, empty outside of any. */
function ownerBefore(text: string, at: number): string {
  let depth = 0;
  for (let i = at - 1; i >= Math.max(0, at - LONGEST); i--) {
    if (text[i] === "}") depth++;
    else if (text[i] === "{" && depth-- === 0)
      return (
        /\b(?:struct|union)\s+\w+\s*$/
          .exec(text.slice(Math.max(0, i - 100), i))?.[0]
          .trim()
          .replace(/\s+/g, " ") ?? "struct"
      );
  }
  return "";
}

/** A number of which the verifier knows no worth: what was read, and what was made of that. */
export function isOpenNumber(value: Value, isOpen: (one: NumberValue) => boolean): boolean {
  if (value.kind !== "number" || value.isLoose || value.low === value.high) return false;
  if (value.operator === undefined) return isOpen(value);
  const open = value.operands.filter((one) => !isConstant(one));
  return open.length > 0 && open.every((one) => isOpenNumber(one, isOpen));
}
