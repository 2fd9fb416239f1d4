/** Watch: bytes of the packet are used where a comparison with its end has shown that they are there, and nowhere else. */

import type { Span } from "../../text.ts";
import { numberType } from "../ctypes.ts";
import { packetEpoch, startPacketEpoch } from "../loads.ts";
import { changesPacket, FOLLOWED_SINCE, STATIC_TAIL_CALL } from "../packet-changes.ts";
import type { Path } from "../path.ts";
import type { Comparison, Expression } from "../tree.ts";
import type { NumberValue, PointerValue, Thing, ThingKind, Value } from "../values.ts";
import type { ArithmeticEvent, CallEvent, On, Trouble, Watch } from "../watch.ts";

/** So many bytes are there, counted from the beginning of a thing and the numbers added to it. */
interface Proof {
  readonly thing: Thing;
  readonly added: readonly NumberValue[];
  readonly bytes: number;
  /** Where it was compared. */
  readonly node: Expression;
  /** A number that was added may be so large that the verifier lets no comparison count. */
  readonly tooFar: NumberValue | undefined;
}

interface Packets {
  readonly proofs: readonly Proof[];
  /** Things of which nobody knows how many bytes were shown, or of which enough was said. */
  readonly blurred: readonly number[];
  /** Somebody whose work is not known could have compared anything. */
  readonly isUnsure: boolean;
}

const NOTHING: Packets = { proofs: [], blurred: [], isUnsure: false };

export const packets: Watch<Packets> = {
  name: "packets",
  start: () => NOTHING,
  key: ({ proofs, blurred, isUnsure }, nameOf) => {
    let key = isUnsure ? "?" : "";
    for (const { thing, added, bytes, tooFar } of proofs) {
      const name = nameOf(thing.id);
      const far = tooFar === undefined ? "" : "far";
      if (name !== "") key += `${name} ${added.map(({ id }) => nameOf(id)).join(" ")}=${bytes}${far};`;
    }
    for (const id of blurred) key += `${nameOf(id)}?`;
    return key;
  },
  compare: ({ operator, left, right, holds, node }, on) => {
    if (isOfPacket(left) || isOfPacket(right)) compared(holds ? operator : OPPOSITE[operator], left, right, node, on);
  },
  access: ({ pointer, node, size, isWrite }, on) => {
    if (pointer.kind !== "pointer") return;
    if (isPacket(pointer.thing)) use({ pointer, node, size: size ?? 1, isWrite }, on);
    else if (pointer.thing.kind === "packet end") tell("packet end used", pointer, node, {}, on);
  },
  arithmetic: moved,
  begin: (routine, on) => {
    const { site } = on.path.frame;
    if (routine.name === STATIC_TAIL_CALL && site !== undefined) changed(site, routine.name, on);
  },
  call: (event, on) => {
    const { args, call, helper, isUnknown, routine } = event;
    args.forEach((arg, i) => {
      if (arg.kind !== "pointer") return;
      if (isUnknown) mayBeCompared(arg.thing, on);
      else if (isPacket(arg.thing)) given(event, arg, i, on);
    });
    if (call.name === WRITABLE_SLICE) sliced(event, on);
    const { kb, model } = on.walk;
    const isChanged =
      routine === undefined
        ? helper?.packet?.changes === true || call.name === STATIC_TAIL_CALL
        : changesPacket(routine, model.routine, kb);
    if (isChanged) changed(call, call.name, on);
    return undefined;
  },
};

/** It may lead into the packet, whatever the dynptr is of. */
const WRITABLE_SLICE = "bpf_dynptr_slice_rdwr";

function sliced({ call, kfunc, result }: CallEvent, on: On<Packets>): void {
  const type = on.walk.root.meaning?.kind.progType;
  if (kfunc !== undefined && result.kind === "pointer" && isReadOnly(type))
    tell("packet written", result, call, { type, by: call.name }, on);
}

function changed({ start, end }: Span, name: string, { walk, path }: On<Packets>): void {
  startPacketEpoch({ span: walk.spanOf(path, { start, end }), name, kind: "call" }, path, walk.values);
}

const OPPOSITE: Readonly<Record<Comparison, Comparison>> = {
  "==": "!=",
  "!=": "==",
  "<": ">=",
  ">=": "<",
  ">": "<=",
  "<=": ">",
};

function isPacket({ kind }: Thing): boolean {
  return kind === "packet" || kind === "packet metadata";
}

function isOfPacket(value: Value): value is PointerValue {
  return value.kind === "pointer" && isPacket(value.thing);
}

/** Whether comparing with it shows how much there is. */
function isEndOf(end: PointerValue, { thing }: PointerValue): boolean {
  if (thing.kind === "packet") return end.thing.kind === "packet end";
  return end.thing.kind === "packet" && end.offset === 0 && end.added.length === 0;
}

function isUnknown(end: Value): boolean {
  if (end.kind === "number") return end.low !== end.high;
  return end.kind !== "pointer" || end.thing.kind === "other";
}

/** What a comparison that came out so shows. */
function compared(operator: Comparison, left: Value, right: Value, node: Expression, on: On<Packets>): void {
  const isLeft = isOfPacket(left) && (!isOfPacket(right) || left.thing.kind === "packet metadata");
  const [pointer, end] = isLeft ? [left, right] : [right as PointerValue, left];
  if (isStale(pointer.thing, on.path)) return;
  if (end.kind !== "pointer" || !isEndOf(end, pointer)) {
    // With an end that came from nobody knows where it may have shown all.
    if (isUnknown(end)) blur(pointer.thing, on);
    return;
  }
  if (isStale(end.thing, on.path)) return;
  const isWithin = isLeft ? operator === "<=" || operator === "<" : operator === ">=" || operator === ">";
  if (!isWithin) return;
  if (pointer.offset === undefined || pointer.added.some(isSize)) {
    blur(pointer.thing, on);
    return;
  }
  // Half a pointer with something added to it is a number like any other.
  if (pointer.offset !== 0 && isHalf(node, isLeft ? left : right, left, on)) return;
  const isOpen = operator === "<" || operator === ">";
  const { thing, added, offset } = pointer;
  const far = added.reduce((sum, one) => sum + (isAnything(one, on.path) ? one.high : 0), offset);
  const tooFar = far > FARTHEST ? added.find((one) => isAnything(one, on.path)) : undefined;
  prove({ thing, added, bytes: offset + (isOpen ? 1 : 0), node, tooFar }, on);
}

/** Whether the side that is a pointer is calculated in 32 bits. */
function isHalf(node: Expression, pointer: Value, left: Value, { walk, path }: On<Packets>): boolean {
  if (node.kind !== "binary") return false;
  const side = pointer === left ? node.left : node.right;
  if (side.kind !== "binary") return false;
  return [side.left, side.right].every((one) => numberType(walk.typeOf(one, path), walk.model.types).width === 4);
}

/** A pointer that may lead further than this can be compared, and nothing comes of it. */
const FARTHEST = 0xffff;

/** So far may a pointer be moved at all. */
const LARGEST = 2 ** 29;

/** It comes from outside and nothing was asked about it: it may be all that its type can hold. */
function isAnything(number: NumberValue, path: Path): boolean {
  const { operator, operands, source, width, id } = number;
  if (width === undefined || path.bounds.has(id) || isAskedAbout(id, path)) return false;
  const [of] = operands;
  if (operator !== undefined) return SWAPS.test(operator) && of?.kind === "number" && isAnything(of, path);
  // Of a bit field the type says less than there is.
  const isWhole = width >= 4 || source?.from === "packet" || source?.from === "map value";
  return isWhole && source?.kind === "load" && FOLLOWED.has(source.from ?? "other");
}

const SWAPS = /^(?:__)?(?:bpf_)?[nh]to[hn][sl]$/;

/** Whether it was compared with something that is not known either. */
function isAskedAbout(id: number, { decided }: Path): boolean {
  for (const [key] of decided) {
    const [, left, right] = key.split(" ");
    if (Number(left) === id || Number(right) === id) return true;
  }
  return false;
}

/** A number is added that is too large, or may be anything. */
function moved({ pointer, other, node, result }: ArithmeticEvent, on: On<Packets>): void {
  if (!isPacket(pointer.thing) || other.kind !== "number" || result.kind !== "pointer") return;
  if (on.slot.blurred.includes(pointer.thing.id) || isStale(pointer.thing, on.path)) return;
  const { low, high, width } = other;
  const isTooLarge = low === high && Number.isFinite(low) && Math.abs(low) >= LARGEST;
  const isOpen = isAnything(other, on.path) || isShiftedOut(other, on.path);
  if (!isTooLarge && !((width === 8 || low <= -LARGEST) && high > FARTHEST && isOpen)) return;
  tell("packet math", pointer, node, { amount: isTooLarge ? low : undefined, isSigned: low < 0 }, on);
  blur(pointer.thing, on);
}

/** `(u64)x << 32`: the highest bit may be set, which makes it a negative number. */
function isShiftedOut({ operator, operands, width, id }: NumberValue, path: Path): boolean {
  const [of, by] = operands;
  if (operator !== "<<" || width !== 8 || of?.kind !== "number" || by?.kind !== "number" || path.bounds.has(id))
    return false;
  return isExact(by) && path.boundsOf(of).high * 2 ** by.low >= 2 ** 63 && isFromOutside(of);
}

/** A size that the compiler knows and the file does not tell. */
function isSize({ source, operator, operands }: NumberValue): boolean {
  if (operator !== undefined) return operands.some((one) => one.kind === "number" && isSize(one));
  return source?.kind === "global";
}

function prove(proof: Proof, on: On<Packets>): void {
  const { proofs } = on.slot;
  const key = formOf(proof.added).key;
  const before = proofs.find((one) => one.thing === proof.thing && formOf(one.added).key === key);
  if (before !== undefined && before.tooFar === undefined && bytesOf(before) >= bytesOf(proof)) return;
  on.slot = { ...on.slot, proofs: [...proofs.filter((one) => one !== before), proof] };
}

function bytesOf({ bytes, added }: Proof): number {
  return bytes + formOf(added).constant;
}

function blur({ id }: Thing, on: On<Packets>): void {
  const { slot } = on;
  if (!slot.blurred.includes(id)) on.slot = { ...slot, blurred: [...slot.blurred, id] };
}

/** Given to a function that nobody has seen: a pointer, or where one may be found. */
function mayBeCompared(thing: Thing, on: On<Packets>): void {
  if (isPacket(thing)) blur(thing, on);
  else if (REACHING.has(thing.kind) && !on.slot.isUnsure) on.slot = { ...on.slot, isUnsure: true };
}

const REACHING: ReadonlySet<ThingKind> = new Set(["packet end", "context", "variable"]);

/** Made before the packet was changed. */
function isStale({ id }: Thing, path: Path): boolean {
  const epoch = packetEpoch(path);
  return epoch !== undefined && id < epoch.id;
}

interface Use {
  readonly pointer: PointerValue;
  readonly node: Expression;
  readonly size: number;
  readonly isWrite: boolean;
}

function use({ pointer, node, size, isWrite }: Use, on: On<Packets>): void {
  const { path, walk, slot } = on;
  const { thing, offset, added } = pointer;
  if (isWrite && thing.kind === "packet" && isReadOnly(walk.root.meaning?.kind.progType))
    tell("packet written", pointer, node, { type: walk.root.meaning?.kind.progType }, on);
  if (slot.isUnsure || slot.blurred.includes(thing.id)) return;
  const epoch = packetEpoch(path);
  if (epoch !== undefined && thing.id < epoch.id) {
    const { source } = epoch;
    const story = source === undefined ? [] : [{ span: source.span, message: "the packet may be another after this" }];
    const helper = walk.kb.helper(source?.name ?? "");
    const since = helper === undefined ? FOLLOWED_SINCE : helper.packet?.since;
    tell("packet changed", pointer, node, { by: source?.name, since }, on, story);
    blur(thing, on);
    return;
  }
  const own = slot.proofs.filter((one) => one.thing === thing);
  if (offset === undefined) {
    if (own.length === 0) tell("packet unchecked", pointer, node, {}, on);
    return;
  }
  if (offset < 0 || size === 0) return;
  const missing = missingFor(added, offset + size, own, path);
  if (missing === undefined) return;
  const { proven, needed } = missing;
  const { tooFar } = missing.proof ?? {};
  if (tooFar !== undefined && proven >= needed) {
    if (!isAnything(tooFar, path)) return;
    const compared = [{ span: missing.proof?.node ?? node, message: "this comparison counts for nothing" }];
    tell("packet far", pointer, node, { of: tooFar.source?.name, high: tooFar.high }, on, compared);
    blur(thing, on);
    return;
  }
  const story =
    missing.proof === undefined ? [] : [{ span: missing.proof.node, message: `this shows ${proven} bytes` }];
  const kind =
    missing.proof !== undefined
      ? "packet too short"
      : own.length > 0 && added.length > 0
        ? "packet moved"
        : "packet unchecked";
  // Of a number that nobody followed it may be known elsewhere that it is another that was compared.
  if (kind === "packet moved" && !added.every(isFromOutside)) return;
  tell(kind, pointer, node, { needed, proven, isWrite }, on, story);
  blur(thing, on);
}

/** Of what came out of a variable that nobody followed the verifier may know more. */
function isFromOutside({ operator, operands, source, isLoose, low, high }: NumberValue): boolean {
  if (low === high) return true;
  if (isLoose) return false;
  if (operator !== undefined) return operands.every((one) => one.kind === "number" && isFromOutside(one));
  return source?.kind === "call" || (source?.kind === "load" && FOLLOWED.has(source.from ?? "other"));
}

const FOLLOWED: ReadonlySet<ThingKind> = new Set(["packet", "map value", "context", "kernel", "socket", "record"]);

interface Missing {
  readonly needed: number;
  readonly proven: number;
  /** The one that shows too few. */
  readonly proof: Proof | undefined;
}

/** Undefined where all bytes are shown to be there. */
function missingFor(
  added: readonly NumberValue[],
  end: number,
  proofs: readonly Proof[],
  path: Path,
): Missing | undefined {
  const { key, constant } = formOf(added);
  const needed = end + constant;
  const proof = proofs.find((one) => formOf(one.added).key === key);
  if (proof !== undefined && proof.tooFar === undefined && bytesOf(proof) >= needed) return undefined;
  // What the path knows by now of the numbers may make two of them one.
  const here = formOf(added, path);
  for (const one of proofs) {
    if ((one.added.length === 0 && added.length === 0) || one === proof) continue;
    const form = formOf(one.added, path);
    if (form.key === here.key && one.bytes + form.constant >= end + here.constant) return undefined;
  }
  return { needed, proven: proof === undefined ? 0 : bytesOf(proof), proof };
}

interface Form {
  readonly key: string;
  readonly constant: number;
}

const PLAIN: Form = { key: "", constant: 0 };

/** A sum in one form for all ways of writing it; with a path, numbers that it knows count as such. */
function formOf(added: readonly NumberValue[], path?: Path): Form {
  if (added.length === 0) return PLAIN;
  const sum: Sum = { terms: new Map(), constant: 0 };
  for (const one of added) addTo(sum, one, 1, path, 0);
  const key = [...sum.terms]
    .filter(([, factor]) => factor !== 0)
    .sort(([a], [b]) => a - b)
    .map(([id, factor]) => `${factor}*${id}`)
    .join("+");
  return { key, constant: sum.constant };
}

interface Sum {
  /** How often each number is in it, by its id. */
  readonly terms: Map<number, number>;
  constant: number;
}

const MAX_DEPTH = 16;

function addTo(sum: Sum, value: Value, factor: number, path: Path | undefined, depth: number): void {
  if (value.kind === "number") {
    const { low, high } = path?.boundsOf(value) ?? value;
    if (low === high && Number.isFinite(low)) {
      sum.constant += low * factor;
      return;
    }
    const parts = depth < MAX_DEPTH ? partsOf(value) : undefined;
    if (parts !== undefined) {
      for (const [part, times] of parts) addTo(sum, part, factor * times, path, depth + 1);
      return;
    }
  }
  sum.terms.set(value.id, (sum.terms.get(value.id) ?? 0) + factor);
}

/** Of what a number is the sum, and how often it has each; undefined where it is no sum. */
function partsOf({ operator, operands }: NumberValue): readonly (readonly [Value, number])[] | undefined {
  const [left, right] = operands;
  if (left === undefined || operator === undefined) return undefined;
  if (operator === "cast") return [[left, 1]];
  if (operator === "+" && right !== undefined)
    return [
      [left, 1],
      [right, 1],
    ];
  if (operator === "-")
    return right === undefined
      ? [[left, -1]]
      : [
          [left, 1],
          [right, -1],
        ];
  if (/^\*\d/.test(operator)) return [[left, Number(operator.slice(1))]];
  if (right === undefined) return undefined;
  if (operator === "*" && isExact(right)) return [[left, right.low]];
  if (operator === "*" && isExact(left)) return [[right, left.low]];
  return operator === "<<" && isExact(right) && right.low >= 0 && right.low < 32 ? [[left, 2 ** right.low]] : undefined;
}

function isExact(value: Value): value is NumberValue {
  return value.kind === "number" && value.low === value.high;
}

/** Programs that see the packet and may only read it. */
const READERS: ReadonlySet<string> = new Set(
  "LWT_IN LWT_OUT LWT_SEG6LOCAL SK_REUSEPORT FLOW_DISSECTOR CGROUP_SKB SOCK_OPS"
    .split(" ")
    .map((name) => `BPF_PROG_TYPE_${name}`),
);

function isReadOnly(type: string | undefined): boolean {
  return type !== undefined && READERS.has(type);
}

/** A helper is given memory of the packet. */
function given(event: CallEvent, pointer: PointerValue, i: number, on: On<Packets>): void {
  const { call, helper, args, map } = event;
  const node = call.args[i];
  const param = helper?.params[i];
  if (node === undefined || param?.kind === undefined || !MEMORY.has(param.kind)) return;
  const type = on.walk.root.meaning?.kind.progType;
  if (helper?.packet?.takes !== true) {
    if (type !== undefined && type !== "BPF_PROG_TYPE_CGROUP_SOCKOPT")
      tell("packet given", pointer, node, { to: call.name }, on);
    return;
  }
  const size =
    param.kind === "key" ? map?.keySize : param.kind === "value" ? map?.valueSize : sizeGiven(args[i + 1], on.path);
  if (size !== undefined) use({ pointer, node, size, isWrite: false }, on);
  else if (param.kind === "memory") ofOpenSize(pointer, args[i + 1], call.args[i + 1], call.name, on);
}

/** The lengths of headers are written in words of four bytes, with four bits. */
const LENGTHS = /^\.(?:ihl|doff)$/;

/** The most that a size may be; undefined where a part of it is a few bits, of which nobody knows how many. */
function mostOf(size: NumberValue, path: Path): number | undefined {
  const { high } = path.boundsOf(size);
  const { operator, operands } = size;
  if (operator === undefined) return Number.isFinite(high) ? high : undefined;
  const [of, by] = operands;
  if (operator === "cast" && of?.kind === "number") {
    const most = mostOf(of, path);
    return most === undefined ? undefined : Math.min(most, high);
  }
  const isOfWords =
    by?.kind === "number" && ((operator === "*" && by.low === 4) || (operator === "<<" && by.low === 2));
  if (isOfWords && of?.kind === "number" && LENGTHS.test(of.source?.name ?? "")) return Math.min(60, high);
  return operands.every((one) => one.kind === "number" && mostOf(one, path) !== undefined) ? high : undefined;
}

/** A comparison in which the size itself was added shows nothing of the bytes before: the verifier asks for the most that it may be. */
function ofOpenSize(
  pointer: PointerValue,
  size: Value | undefined,
  node: Expression | undefined,
  callee: string,
  on: On<Packets>,
): void {
  const { slot, path } = on;
  const { thing, offset, added } = pointer;
  if (size?.kind !== "number" || node === undefined || offset === undefined || !isFromOutside(size)) return;
  if (slot.isUnsure || slot.blurred.includes(thing.id) || isStale(thing, path)) return;
  const own = slot.proofs.filter((one) => one.thing === thing);
  const [here, moved] = [formOf(added), formOf([...added, size])];
  const before = own.find((one) => formOf(one.added).key === here.key);
  // Whoever did not add the size had something else in mind.
  if (before === undefined || before.tooFar !== undefined || !own.some((one) => formOf(one.added).key === moved.key))
    return;
  const there = bytesOf(before) - offset - here.constant;
  const most = mostOf(size, path);
  if (most === undefined || there >= most) return;
  tell("packet size", pointer, node, { there, callee }, on);
  blur(thing, on);
}

/** Kinds of arguments that are pointers to memory of a size that the verifier knows. */
const MEMORY: ReadonlySet<string> = new Set(["key", "value", "memory"]);

/** How many bytes a helper may touch: the most that a number comes to, where a mask or a comparison says that. */
function sizeGiven(value: Value | undefined, path: Path): number | undefined {
  if (value?.kind !== "number") return undefined;
  const { low, high } = path.boundsOf(value);
  if (low === high) return Number.isFinite(low) ? low : undefined;
  const isMasked = value.operator === "&" && value.operands.some(isExact);
  return isMasked && isFromOutside(value) ? high : undefined;
}

function tell(
  kind: string,
  pointer: PointerValue,
  node: Expression,
  facts: NonNullable<Trouble["facts"]>,
  { walk, path }: On<Packets>,
  story: NonNullable<Trouble["story"]> = [],
): void {
  const { thing } = pointer;
  walk.report(path, {
    kind,
    span: { start: node.start, end: node.end },
    about: thing.source.name,
    node,
    thing,
    facts,
    story: story.map(({ span, message }) => ({
      span: walk.spanOf(path, { start: span.start, end: span.end }),
      message,
    })),
  });
}
