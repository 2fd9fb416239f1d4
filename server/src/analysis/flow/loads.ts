/** What the verifier knows of a value that is read out of something: of a context's fields the packet, sockets, numbers. */

import { perModel } from "../for-rules/per-model.ts";
import { nameOf, UNKNOWN } from "./ctypes.ts";
import { type Place, unknownFrom } from "./evaluate.ts";
import type { Nullness, Path } from "./path.ts";
import type { NumberValue, PointerValue, Source, Thing, ThingKind, Values } from "./values.ts";
import type { Walker } from "./walk.ts";
import type { Root } from "./watch.ts";

/** @returns undefined where nothing special is known of it */
export function loadedFrom(
  thing: Thing,
  place: Place,
  source: Source,
  path: Path,
  walker: Walker,
): NumberValue | PointerValue | undefined {
  if (thing.kind === "context") return fromContext(thing, place, source, path, walker);
  if (thing.kind === "map value")
    return keptIn(walker).has(place.field)
      ? keptPointer(source, place, path, walker)
      : fromMapValue(thing, place, source, walker);
  // What a kernel structure points to is the kernel's as well: the verifier follows it by type.
  if (thing.kind === "kernel" || thing.kind === "item" || thing.kind === "socket") {
    const pointer = place.pointer;
    const key = `load ${pointer.id} ${place.field}`;
    const { types } = walker.model;
    if (types.behind(place.type).kind === "pointer" || place.type.kind === "unknown")
      return walker.values.once(key, () => kernelPointer(source, place, walker));
  }
  return undefined;
}

/** A pointer that a map keeps: whether there is one must be asked each time it is read. */
function keptPointer(source: Source, place: Place, path: Path, { values }: Walker): PointerValue {
  const key = `load ${place.pointer.id} ${place.field} ${sectionEpoch(path)?.id ?? ""}`;
  return values.once(key, () => kept(source, place.field, values));
}

/** The value of a variable of the file that keeps a pointer; undefined of others. */
export function keptGlobal(name: string, source: Source, path: Path, walker: Walker): PointerValue | undefined {
  if (!keptIn(walker).has(name)) return undefined;
  const { values } = walker;
  return values.once(`global ${name} ${sectionEpoch(path)?.id ?? ""}`, () => kept(source, name, values));
}

function kept(source: Source, name: string, values: Values): PointerValue {
  return values.pointer(values.thing({ kind: "other", source, nullness: "maybe", name }), { offset: 0 });
}

/** A pointer that was read where a map, or a variable of the file, keeps it. */
export function isKept({ kind, nullness, source }: Thing): boolean {
  return kind === "other" && nullness === "maybe" && (source.kind === "load" || source.kind === "global");
}

/** Fields and variables of the file and its headers that are marked `__kptr`. */
const keptIn = perModel([], ({ model: { code, headers } }): ReadonlySet<string> => {
  const names = new Set(code.has(/_kptr\b/) ? namesKept(code.text) : []);
  for (const header of headers) for (const name of keptInHeader(header)) names.add(name);
  return names;
});

type Header = Walker["model"]["headers"][number];

const known = new WeakMap<Header, readonly string[]>();

/** A header is the same for many versions of a file. */
function keptInHeader(header: Header): readonly string[] {
  let names = known.get(header);
  if (names === undefined) {
    names = namesKept(header.lowered.source);
    known.set(header, names);
  }
  return names;
}

function namesKept(text: string): readonly string[] {
  return [...text.matchAll(/\b__(?:percpu_)?kptr(?:_untrusted)?\s*\*\s*(\w+)\s*;/g)].map(([, name]) => name ?? "");
}

/** Of a type that the file does not know it may as well be a number: then nobody looks into it. */
function kernelPointer(source: Source, { type }: Place, walker: Walker): PointerValue {
  const plain = walker.model.types.behind(type);
  const to = plain.kind === "pointer" ? nameOf(plain.to ?? UNKNOWN) : "";
  return walker.values.pointer(walker.values.thing({ kind: "kernel", source, nullness: "unknown", type: to }), {
    offset: 0,
  });
}

const KINDS: Readonly<Record<string, ThingKind>> = {
  packet: "packet",
  "packet end": "packet end",
  "packet metadata": "packet metadata",
  socket: "socket",
  "socket or null": "socket",
  "common socket fields or null": "socket",
  "kernel structure": "kernel",
  "flow keys": "memory",
};

/** By the `ctx_arg_info` of each iterator in linux:kernel/bpf and linux:net, from the first release that has it. */
const ITERATORS: ReadonlySet<string> = new Set(
  `bpf_link bpf_map bpf_map_elem bpf_prog bpf_sk_storage_map cgroup dmabuf ipv6_route kmem_cache ksym netlink sockmap task
  task_file task_vma tcp udp unix`
    .split(/\s+/)
    .map((name) => `bpf_iter__${name}`),
);

/** Keys and values of which the kernel knows no type, by the same. */
const BUFFERS: ReadonlyMap<string, readonly string[]> = new Map([
  ["bpf_iter__bpf_map_elem", ["key", "value"]],
  ["bpf_iter__bpf_sk_storage_map", ["value"]],
  ["bpf_iter__sockmap", ["key"]],
]);

/** What an iterator shows is missing at the end of its list; whose list it is never is. */
function iteratedNullness(iterator: string, field: string): Nullness {
  if (!ITERATORS.has(iterator)) return field === "meta" ? "never" : "unknown";
  return field === "meta" || (field === "map" && iterator !== "bpf_iter__bpf_map") ? "never" : "maybe";
}

/** Words that make a pointer in a map one that the verifier keeps. */
const KEPT = ["__kptr", "__kptr_untrusted", "__kptr_ref", "__percpu_kptr", "__uptr", "__arena", "btf_type_tag"];

/**
 * A pointer that was stored in a map comes back as a number. Of a field a header may say otherwise: only of values that are
 * pointers themselves it is sure.
 */
function fromMapValue(
  thing: Thing,
  { pointer, type }: Place,
  source: Source,
  walker: Walker,
): NumberValue | PointerValue | undefined {
  if (pointer.kind !== "pointer" || pointer.path !== "" || !thing.type.endsWith("*")) return undefined;
  if (walker.model.types.behind(type).kind !== "pointer" || KEPT.some((word) => thing.type.includes(word)))
    return undefined;
  return walker.values.once(`load ${thing.id}`, () => unknownFrom(type, source, "raw", walker));
}

function fromContext(
  thing: Thing,
  place: Place,
  source: Source,
  path: Path,
  walker: Walker,
): NumberValue | PointerValue | undefined {
  const name = thing.type.replace(/^struct\s+/, "");
  const within = place.pointer.kind === "pointer" ? place.pointer.path : "";
  // Of an array it is the field that says what is in it.
  const fieldName = place.field === "" ? (/^\.(\w+)/.exec(within)?.[1] ?? "") : place.field;
  const key = `load ${thing.id}${within}`;
  const { values } = walker;
  if (/^bpf_iter__/.test(name)) {
    if (BUFFERS.get(name)?.includes(place.field) === true)
      return values.once(key, () =>
        values.pointer(values.thing({ kind: "memory", source, nullness: "maybe", name: place.field }), { offset: 0 }),
      );
    const isSure = place.field === "meta";
    if (!isSure && walker.model.types.behind(place.type).kind !== "pointer" && place.type.kind !== "unknown")
      return undefined;
    return values.once(key, () =>
      values.pointer(values.thing({ kind: "kernel", source, nullness: iteratedNullness(name, place.field) }), {
        offset: 0,
      }),
    );
  }
  const known = traced(name, fieldName);
  if (known !== undefined) return values.once(key, () => values.number({ ...known, source }));
  const field = walker.kb.context(name)?.fields.find((one) => one.name === fieldName);
  if (field === undefined) {
    if (/^\.args\[/.test(within) && isPlain(walker.root.meaning))
      return values.once(key, () => values.number({ width: 8, isSigned: false, source }));
    const plain = walker.model.types.behind(place.type);
    if (plain.kind !== "pointer" && plain.kind !== "unknown") return undefined;
    return values.once(key, () => unknownFrom(place.type, source, contextPointers(walker), walker));
  }
  // An array is its own address, also where the file does not tell that it is one.
  if (field.count !== undefined && place.field !== "" && place.pointer.kind === "pointer") return place.pointer;
  if (field.pointer === undefined)
    return values.once(key, () => {
      const width = field.size;
      const high = width >= 8 ? Number.POSITIVE_INFINITY : 2 ** (width * 8) - 1;
      const isSigned = /^(?:__)?s\d/.test(field.type);
      return isSigned
        ? values.number({ width, isSigned, source })
        : values.number({ low: 0, high, width, isSigned: false, source });
    });
  const kind = KINDS[field.pointer];
  if (kind === undefined) return values.once(key, () => unknownFrom(place.type, source, "other", walker));
  return values.once(isOfPacket(kind) ? `${key} ${packetEpoch(path)?.id ?? ""}` : key, () => {
    const nullness = field.pointer?.endsWith("or null") ? "maybe" : kind === "kernel" ? "unknown" : "never";
    const size = kind === "memory" ? walker.kb.context("bpf_flow_keys")?.size : undefined;
    return values.pointer(values.thing({ kind, source, nullness, name: place.field, size }), { offset: 0 });
  });
}

function isOfPacket(kind: ThingKind): boolean {
  return kind === "packet" || kind === "packet end" || kind === "packet metadata";
}

/** Among what was written, because it belongs to the path; no place has such a name. */
const EPOCH = "packet epoch";

/** What the packet was last changed by; everything that points into it has a smaller id when it is from before. */
export function packetEpoch({ stores }: Path): NumberValue | undefined {
  const value = stores.get(EPOCH);
  return value?.kind === "number" ? value : undefined;
}

/** From here on the context gives other pointers into the packet. */
export function startPacketEpoch(source: Source, path: Path, values: Values): void {
  path.stores.set(EPOCH, values.number({ source }));
}

/** A CPU's own of a variable of the kernel's, which may only be read. */
export function isOfEachCpu({ kind, name, source }: Thing): boolean {
  return kind === "memory" && name !== "" && /^bpf_(?:this|per)_cpu_ptr$/.test(source.name);
}

/** As the packet's. */
const SECTION = "section epoch";

/** What last left an RCU section: what was read before where somebody else may take it away, may be gone. */
export function sectionEpoch({ stores }: Path): NumberValue | undefined {
  const value = stores.get(SECTION);
  return value?.kind === "number" ? value : undefined;
}

export function startSectionEpoch(source: Source, path: Path, values: Values): void {
  path.stores.set(SECTION, values.number({ source }));
}

/** What a tracing program finds in its context the verifier may know by its type, or not at all. */
function contextPointers({ root }: Walker): "kernel" | "raw" | "other" {
  if (isPlain(root.meaning)) return "raw";
  return root.meaning?.kind.progType === "BPF_PROG_TYPE_TRACING" ? "kernel" : "other";
}

const PLAIN: ReadonlySet<string> = new Set(
  ["KPROBE", "TRACEPOINT", "RAW_TRACEPOINT", "PERF_EVENT"].map((name) => `BPF_PROG_TYPE_${name}`),
);

/** All that such a program is given, writable tracepoints aside, is numbers to the verifier. */
export function isPlain(meaning: Root["meaning"]): boolean {
  return meaning !== undefined && PLAIN.has(meaning.kind.progType);
}

/** What every tracepoint's context has, whatever the file knows of its type. */
function traced(name: string, field: string): Pick<NumberValue, "width" | "isSigned" | "low" | "high"> | undefined {
  // Where a text lies and how long it is.
  if (field.startsWith("__data_loc_")) return { width: 4, isSigned: false, low: 0, high: 2 ** 32 - 1 };
  if (name === "trace_event_raw_sys_enter" && field === "args")
    return { width: 8, isSigned: false, low: 0, high: Number.POSITIVE_INFINITY };
  if (name === "trace_event_raw_sys_exit" && field === "ret")
    return { width: 8, isSigned: true, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  return undefined;
}
