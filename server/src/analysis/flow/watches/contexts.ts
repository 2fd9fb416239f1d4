/** Watch: of its context a program reads and writes only what its type may, at places that are known before it runs. */

import { allowancesFor } from "../../knowledge/supports.ts";
import type { ContextField } from "../../knowledge/types.ts";
import type { Expression } from "../tree.ts";
import type { NumberValue, PointerValue } from "../values.ts";
import type { AccessEvent, On, Watch } from "../watch.ts";

export const contexts: Watch<undefined> = {
  name: "contexts",
  start: () => undefined,
  access: (event, on) => {
    const { pointer } = event;
    if (pointer.kind !== "pointer" || pointer.thing.kind !== "context") return;
    const progType = on.walk.root.meaning?.kind.progType;
    if (progType === undefined) return;
    if (isCrooked(event, progType, on)) {
      tell("crooked", pointer, event.node, on, "", String(event.size));
      return;
    }
    if (pointer.added.length > 0) {
      if (isSureIndex(pointer.added, on) && progType !== "BPF_PROG_TYPE_SYSCALL")
        tell("index", pointer, event.node, on);
    } else atPlace(event, pointer, progType, on);
  },
  call: ({ call, args, helper }, on) => {
    if (helper === undefined) return undefined;
    args.forEach((arg, i) => {
      const kind = helper.params[i]?.kind;
      const node = call.args[i];
      if (arg.kind !== "pointer" || arg.thing.kind !== "context" || node === undefined) return;
      if (kind === undefined) return;
      if (MEMORY.has(kind)) tell("given", arg, node, on, call.name);
      else if (kind === "context" && isMoved(arg)) tell("moved", arg, node, on, call.name);
    });
    return undefined;
  },
};

/** Kinds of arguments that may be of the stack, of a map or of the packet, but not of the context. */
const MEMORY: ReadonlySet<string> = new Set(["memory", "key", "value"]);

/** No program's context is read across the borders of its words. */
function isCrooked({ pointer, size, node }: AccessEvent, progType: string, on: On<undefined>): boolean {
  // Of a field the compiler knows how it lies, and of tracing programs that they have words of eight bytes is said of those.
  if (node.kind !== "unary" || pointer.kind !== "pointer" || pointer.added.length > 0) return false;
  if ((size !== 2 && size !== 4 && size !== 8) || TRACED.has(progType)) return false;
  const offset = pointer.offset ?? offsetByName(pointer, on);
  return offset !== undefined && offset % size !== 0;
}

const TRACED: ReadonlySet<string> = new Set(["BPF_PROG_TYPE_TRACING", "BPF_PROG_TYPE_LSM"]);

/** Where the file does not know the type of the context, its fields are known all the same. */
function offsetByName({ thing, path }: PointerValue, { walk: { kb } }: On<undefined>): number | undefined {
  const [, name, index = "0"] = /^\.(\w+)(?:\[(\d+)\])?$/.exec(path) ?? [];
  const field = kb.context(thing.type.replace(/^struct\s+/, ""))?.fields.find((one) => one.name === name);
  return field && field.offset + Number(index) * field.size;
}

/** Kernels look for the context itself, from where it begins. */
function isMoved({ offset, added }: PointerValue): boolean {
  return added.length > 0 || (offset !== undefined && offset !== 0);
}

/** A number that is not known before: not one that counts the turns of a loop, which compilers like to unroll. */
function isSureIndex(added: readonly NumberValue[], { path }: On<undefined>): boolean {
  return added.every((one) => {
    const { low, high } = path.boundsOf(one);
    return low !== high && !one.isLoose && (one.operator !== undefined || isFromOutside(one));
  });
}

/** What is read while the program runs cannot be known before. */
function isFromOutside({ source }: NumberValue): boolean {
  if (source?.kind !== "load") return false;
  return (
    source.from === "context" || source.from === "map value" || source.from === "packet" || source.from === "socket"
  );
}

/** Contexts that nobody writes to. */
const READ_ONLY: ReadonlySet<string> = new Set(
  ["TRACEPOINT", "RAW_TRACEPOINT", "PERF_EVENT", "TRACING", "LSM"].map((name) => `BPF_PROG_TYPE_${name}`),
);

/** Whether what such programs are given is an array with the arguments of a function: btf_ctx_access() of linux:kernel/bpf/btf.c */
function hasArguments(progType: string, attachType: string | undefined): boolean {
  const isTracing = progType === "BPF_PROG_TYPE_TRACING" && attachType !== "BPF_TRACE_ITER";
  return isTracing || (progType === "BPF_PROG_TYPE_LSM" && attachType === "BPF_LSM_MAC");
}

/** Bytes of each, whatever its type. */
const ARGUMENT = 8;

/** As many as a tracepoint has arguments at most. */
const MAX_ARGUMENTS = 12;

function atPlace(event: AccessEvent, pointer: PointerValue, progType: string, on: On<undefined>): void {
  const { isWrite, node } = event;
  if (isWrite && READ_ONLY.has(progType)) {
    tell("write", pointer, node, on);
    return;
  }
  const { kb, root } = on.walk;
  if (hasArguments(progType, root.meaning?.kind.attachType) && pointer.offset !== undefined) {
    if (pointer.offset % ARGUMENT !== 0) tell("between", pointer, node, on, String(pointer.offset));
    else if (pointer.offset >= MAX_ARGUMENTS * ARGUMENT) tell("beyond", pointer, node, on, String(MAX_ARGUMENTS));
    return;
  }
  const [, name = "", index] = /^\.(\w+)(?:\[(\d+)\])?/.exec(pointer.path) ?? [];
  const context = kb.context(pointer.thing.type.replace(/^struct\s+/, ""));
  if (isOutside(event, context?.size)) {
    tell("outside", pointer, node, on, "", String(context?.size));
    return;
  }
  const field =
    context?.programTypes.includes(progType) === true ? context.fields.find((one) => one.name === name) : undefined;
  if (field === undefined || root.meaning === undefined) return;
  if (name === "args" && progType === "BPF_PROG_TYPE_RAW_TRACEPOINT") {
    if (Number(index ?? 0) >= MAX_ARGUMENTS) tell("beyond", pointer, node, on, String(MAX_ARGUMENTS));
    return;
  }
  const access = allowancesFor(field.access, root.meaning.kind);
  const isElsewhere = field.access.some((one) => one.in.some((label) => label.startsWith(`${progType.slice(14)}/`)));
  if (access.length === 0) tell(isElsewhere ? "attach type" : "program type", pointer, node, on, name);
  else if (isWrite && !access.some((one) => one.write === true && (one.first !== true || Number(index ?? 0) === 0)))
    tell("write", pointer, node, on, name);
  else if (isTooWide(event, field)) tell("width", pointer, node, on, name, String(field.size));
}

/** Newer kernels have more fields than older headers; what is as far away as this no kernel has. */
const FAR = 512;

function isOutside({ offset, node }: AccessEvent, size: number | undefined): boolean {
  return node.kind === "unary" && size !== undefined && offset !== undefined && (offset < 0 || offset >= size + FAR);
}

/** `*(u64 *)&skb->mark`: two fields in one. Of an array several elements may be read. */
function isTooWide({ node, size }: AccessEvent, field: ContextField): boolean {
  // A port had four bytes once, and may still be read so.
  return (
    node.kind === "unary" &&
    field.count === undefined &&
    !field.name.endsWith("_port") &&
    size !== undefined &&
    size > field.size
  );
}

function tell(
  how: string,
  pointer: PointerValue,
  node: Expression,
  { walk, path }: On<undefined>,
  name = "",
  more = "",
): void {
  walk.report(path, {
    kind: "context misused",
    span: { start: node.start, end: node.end },
    about: name,
    node,
    thing: pointer.thing,
    facts: { how, more, field: pointer.path.replace(/^\./, "") },
  });
}
