/** Watch: with pointers only what leaves them pointers is calculated: numbers are added to them, and taken from them. */

import { numberType } from "../ctypes.ts";
import type { Expression } from "../tree.ts";
import type { PointerValue, Thing, ThingKind, Value } from "../values.ts";
import type { ArithmeticEvent, On, Watch } from "../watch.ts";

export const arithmetic: Watch<undefined> = {
  name: "arithmetic",
  start: () => undefined,
  arithmetic: (event, on) => {
    const { pointer } = event;
    if (!KNOWN.has(pointer.thing.kind) || on.path.isNull(pointer.thing) === "maybe" || isNarrow(event.node, on)) return;
    const how = troubleOf(event, on);
    if (how === undefined) return;
    const { node, operator } = event;
    on.walk.report(on.path, {
      kind: "pointer calculated with",
      span: { start: node.start, end: node.end },
      about: wordFor(pointer.thing),
      node,
      thing: pointer.thing,
      facts: { how, operator },
    });
  },
  call: ({ call, args, helper, kfunc }, on) => {
    if (helper === undefined && kfunc === undefined) return undefined;
    for (let i = 0; i < args.length; i++) {
      const [arg, node] = [args[i], call.args[i]];
      if (arg?.kind === "pointer" && node?.kind === "cast") cut(arg, node, on);
    }
    return undefined;
  },
};

/** `(unsigned short)ctx`: what is cut off is cut off the pointer, by a mask. Half of one is taken without. */
function cut(pointer: PointerValue, node: Expression, on: On<undefined>): void {
  const { walk, path } = on;
  const { width = 8 } = numberType(walk.typeOf(node, path), walk.model.types);
  const isMasked = width < 4 || (width === 4 && pointer.offset !== 0 && pointer.offset !== undefined);
  if (!isMasked || !KNOWN.has(pointer.thing.kind) || path.isNull(pointer.thing) === "null") return;
  walk.report(path, {
    kind: "pointer calculated with",
    span: { start: node.start, end: node.end },
    about: wordFor(pointer.thing),
    node,
    thing: pointer.thing,
    facts: { how: "cut", operator: String(width) },
  });
}

/** Of which the verifier surely knows what they are. Those of variables compilers calculate by themselves. */
const KNOWN: ReadonlySet<ThingKind> = new Set([
  "packet",
  "packet end",
  "packet metadata",
  "map value",
  "map",
  "context",
  "record",
  "socket",
  "memory",
]);

function troubleOf({ operator, pointer, other, result }: ArithmeticEvent, on: On<undefined>): string | undefined {
  if (operator !== "+" && operator !== "-") return "operator";
  if (other.kind === "pointer") return operator === "+" && KNOWN.has(other.thing.kind) ? "two" : undefined;
  if (other.kind !== "number") return undefined;
  if (operator === "-" && result.kind === "number") return isPlainNumber(other) ? "from number" : undefined;
  return isFixed(pointer) && !isZero(other, on) ? "fixed" : undefined;
}

/** What a number is that nobody knows anything about may be a pointer. */
function isPlainNumber(value: Value): boolean {
  return (
    value.kind === "number" && value.width !== undefined && (value.low === value.high || value.source !== undefined)
  );
}

function isZero(value: Value, { path }: On<undefined>): boolean {
  const { low, high } = path.boundsOf(value);
  return low === 0 && high === 0;
}

/** To these nothing may be added at all. */
function isFixed({ thing }: PointerValue): boolean {
  if (thing.kind === "packet end" || thing.kind === "map") return true;
  return thing.kind === "socket" && FULL.test(thing.source.name);
}

/** What gives a socket that is more than a structure of the kernel's. */
const FULL =
  /^(?:bpf_sk_lookup_(?:tcp|udp)|bpf_skc_lookup_tcp|bpf_sk_fullsock|bpf_tcp_sock|bpf_get_listener_sock|\.sk)$/;

/** Part of a pointer is a number like others: `(u32)(long)data`. */
function isNarrow(node: Expression, { walk, path }: On<undefined>): boolean {
  const operands = node.kind === "binary" || node.kind === "assignment" ? [node.left, node.right] : [];
  return operands.some((operand) => {
    const type = walk.model.types.behind(walk.typeOf(operand, path));
    const { width } = numberType(type, walk.model.types);
    return operand.kind === "cast" && type.kind !== "pointer" && width !== undefined && width < 8;
  });
}

const WORDS: Readonly<Partial<Record<ThingKind, string>>> = {
  packet: "a pointer to the packet",
  "packet end": "the end of the packet",
  "packet metadata": "a pointer to the packet's metadata",
  "map value": "a pointer to a map's value",
  map: "a map",
  context: "the context",
  record: "a ring buffer's record",
  socket: "a socket",
  memory: "a pointer",
};

function wordFor({ kind }: Thing): string {
  return WORDS[kind] ?? "a pointer";
}
