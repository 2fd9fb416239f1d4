/** Watch: locks, lists and kept pointers are where the calls on them are told, and nodes fit their lists. */

import {
  type Contents,
  contentsOf,
  type FieldHere,
  fieldBehind,
  hasField,
  isOpenNumber,
  keptMarks,
  MOST_FIELDS,
  specialFields,
  wholeType,
} from "../special.ts";
import type { Expression } from "../tree.ts";
import type { NumberValue, PointerValue } from "../values.ts";
import type { CallEvent, On, StoreEvent, Watch } from "../watch.ts";

export const graphs: Watch<undefined> = {
  name: "graphs",
  start: () => undefined,
  call: (event, on) => {
    if (event.helper === undefined && event.kfunc === undefined) return undefined;
    const wanted = WANTED.get(event.name);
    if (wanted !== undefined) {
      fieldOf(event, wanted, on);
      if (ADDS.test(event.name)) nodeOf(event, wanted, on);
    } else if (event.name === "bpf_kptr_xchg") exchanged(event, on);
    else if (event.name.startsWith("bpf_refcount_acquire")) counted(event, on);
    return undefined;
  },
  store: (event, on) => {
    const { pointer } = event;
    if (pointer.kind === "pointer" && (pointer.thing.kind === "map value" || pointer.thing.kind === "global"))
      storedIn(event, pointer, on);
  },
};

const ADDS = /^bpf_(?:list_push_(?:front|back)|rbtree_add)(?:_impl)?$/;

/** What the first argument of a call leads to. */
const WANTED: ReadonlyMap<string, string> = new Map(
  [
    ["spin_lock", "bpf_spin_lock"],
    ["res_spin_lock", "bpf_res_spin_lock bpf_res_spin_lock_irqsave"],
    ["timer", "bpf_timer_init bpf_timer_set_callback bpf_timer_start bpf_timer_cancel"],
    ["wq", "bpf_wq_init bpf_wq_start bpf_wq_set_callback_impl bpf_wq_set_callback"],
    [
      "list_head",
      `bpf_list_push_front bpf_list_push_back bpf_list_push_front_impl bpf_list_push_back_impl bpf_list_pop_front
      bpf_list_pop_back bpf_list_front bpf_list_back`,
    ],
    ["rb_root", "bpf_rbtree_add bpf_rbtree_add_impl bpf_rbtree_remove bpf_rbtree_first bpf_rbtree_root"],
  ].flatMap(([type = "", names = ""]) =>
    names.split(/\s+/).map((name): [string, string] => [name, `struct bpf_${type}`]),
  ),
);

function fieldOf(event: CallEvent, wanted: string, on: On<undefined>): void {
  const [arg] = event.args;
  const [node] = event.call.args;
  if (arg?.kind !== "pointer" || node === undefined) return;
  if (arg.added.length > 0) {
    if (isFieldOwner(arg, on) && arg.added.some((one) => isAnything(one, on)))
      tell("no field here", event, node, on, { how: "variable", wanted });
    return;
  }
  if (isOverfull(arg, on)) {
    tell("no field here", event, node, on, { how: "too many", wanted });
    return;
  }
  const here = fieldBehind(arg, on.walk);
  if (here === undefined || (here !== "none" && here.type === wanted)) return;
  tell("no field here", event, node, on, { how: "other", wanted, given: here === "none" ? "" : here.type });
}

/** Whether there are so many fields that the kernel looks after none of them. */
function isOverfull(arg: PointerValue, { walk }: On<undefined>): boolean {
  const type = wholeType(arg, walk);
  return type !== undefined && specialFields(type, walk.model) > MOST_FIELDS;
}

function isFieldOwner(arg: PointerValue, { walk }: On<undefined>): boolean {
  return wholeType(arg, walk) !== undefined;
}

/** Where numbers come from of which the verifier knows nothing. */
const OPEN: ReadonlySet<string> = new Set(["context", "packet", "map value", "record"]);

function isAnything(value: NumberValue, { path }: On<undefined>): boolean {
  return isOpenNumber(value, ({ id, source }) => {
    const known = path.bounds.get(id);
    return (
      (known === undefined || known.low < known.high) &&
      source?.kind === "load" &&
      source.from !== undefined &&
      OPEN.has(source.from)
    );
  });
}

/** The node that is added: of an object that the program made, and of the kind that the list was declared for. */
function nodeOf(event: CallEvent, wanted: string, on: On<undefined>): void {
  const [head, arg] = event.args;
  const node = event.call.args[1];
  if (arg?.kind !== "pointer" || node === undefined || arg.thing.kind !== "object") return;
  const type = wanted === "struct bpf_rb_root" ? "struct bpf_rb_node" : "struct bpf_list_node";
  if (arg.added.some((one) => isAnything(one, on))) {
    tell("misfit node", event, node, on, { how: "variable", wanted: type });
    return;
  }
  const here = fieldBehind(arg, on.walk);
  if (here === undefined) return;
  if (here === "none" || here.type !== type) {
    tell("misfit node", event, node, on, { how: "no node", wanted: type });
    return;
  }
  const place = head?.kind === "pointer" ? fieldBehind(head, on.walk) : undefined;
  if (place === undefined || place === "none" || place.type !== wanted) return;
  const holds = contentsOf({ model: on.walk.model }).get(place.name) ?? [];
  if (here.owner === "" || holds.length === 0 || holds.some((one) => fits(one, here))) return;
  const [first] = holds;
  tell("misfit node", event, node, on, {
    how: first?.type === here.owner ? "other field" : "other type",
    given: first?.type === here.owner ? here.name : here.owner,
    wanted: holds.length > 1 || first === undefined ? "" : first.type === here.owner ? first.field : first.type,
    list: place.name,
  });
}

function fits({ type, field }: Contents, here: FieldHere): boolean {
  return type === here.owner && field === here.name;
}

/** Another reference is counted in the object itself. */
function counted(event: CallEvent, on: On<undefined>): void {
  const [arg] = event.args;
  const [node] = event.call.args;
  if (arg?.kind !== "pointer" || node === undefined || arg.thing.kind !== "object") return;
  const type = wholeType(arg, on.walk);
  if (type === undefined || hasField(type, "struct bpf_refcount", on.walk.model) !== false) return;
  tell("no field here", event, node, on, { how: "no count", wanted: "struct bpf_refcount" });
}

/** What is exchanged is of the type that the field is declared with. */
function exchanged(event: CallEvent, on: On<undefined>): void {
  const [to, arg] = event.args;
  const [place, node] = event.call.args;
  if (to?.kind !== "pointer" || place === undefined) return;
  if (isOverfull(to, on)) {
    tell("no field here", event, place, on, { how: "too many", wanted: "__kptr" });
    return;
  }
  const here = fieldBehind(to, on.walk);
  if (here === undefined) return;
  const all = keptMarks({ model: on.walk.model });
  const marks = here === "none" ? [] : (all.get(here.name) ?? []);
  if (here === "none" || !here.isPointer || (marks.length === 0 && isPlainPointer(here, on))) {
    tell("no field here", event, place, on, { how: "no kept pointer", wanted: "__kptr" });
    return;
  }
  const mark = marks.find(({ owner }) => owner === here.owner);
  if (mark === undefined || node === undefined || arg?.kind !== "pointer") return;
  const given = givenType(arg);
  if (given !== "" && mark.type.startsWith("struct ") && given !== mark.type)
    tell("other object kept", event, node, on, { given, wanted: mark.type });
}

/** Marks have many names, and may be made by a macro: only what has nothing beside its type is sure. */
function isPlainPointer({ name, type, owner }: FieldHere, { walk: { model } }: On<undefined>): boolean {
  if (!type.startsWith("struct ") || owner === "") return false;
  const declared = [...model.code.text.matchAll(new RegExp(`([\\w\\s]+)\\*\\s*${name}\\s*;`, "g"))];
  return declared.length === 1 && declared[0]?.[1]?.trim().replace(/\s+/g, " ") === type;
}

function givenType({ thing }: PointerValue): string {
  if (thing.kind === "object") return /^struct \w+$/.test(thing.type) ? thing.type : "";
  return "";
}

/** Into a pointer that a map keeps only bpf_kptr_xchg() writes. */
function storedIn({ node }: StoreEvent, pointer: PointerValue, on: On<undefined>): void {
  const { model } = on.walk;
  if (node.kind === "declaration" || !model.code.has(/_kptr/)) return;
  const here = fieldBehind(pointer, on.walk);
  if (here === undefined || here === "none" || !here.isPointer) return;
  const mark = keptMarks({ model })
    .get(here.name)
    ?.find(({ owner }) => owner === here.owner);
  if (mark === undefined || mark.isUntrusted) return;
  on.walk.report(on.path, {
    kind: "kept pointer written",
    span: { start: node.start, end: node.end },
    about: here.name,
    node,
    thing: pointer.thing,
  });
}

function tell(
  kind: string,
  { name }: CallEvent,
  node: Expression,
  { walk, path }: On<undefined>,
  facts: Readonly<Record<string, string>>,
): void {
  walk.report(path, { kind, span: { start: node.start, end: node.end }, about: name, node, facts });
}
