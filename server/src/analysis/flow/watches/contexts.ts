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
      if (kind !== undefined && MEMORY.has(kind)) tell("given", arg, node, on, call.name);
    });
    return undefined;
  },
};

/** Kinds of arguments that may be of the stack, of a map or of the packet, but not of the context. */
const MEMORY: ReadonlySet<string> = new Set(["memory", "key", "value"]);

/** A number that is not known before: not one that counts the turns of a loop, which compilers like to unroll. */
function isSureIndex(added: readonly NumberValue[], { path }: On<undefined>): boolean {
  return added.every((one) => {
    const { low, high } = path.boundsOf(one);
    return low !== high && !one.isLoose && one.operator !== undefined;
  });
}

/** Contexts that nobody writes to. */
const READ_ONLY: ReadonlySet<string> = new Set(
  ["TRACEPOINT", "RAW_TRACEPOINT", "PERF_EVENT", "TRACING", "LSM"].map((name) => `BPF_PROG_TYPE_${name}`),
);

/** As many as a tracepoint has arguments at most. */
const MAX_ARGUMENTS = 12;

function atPlace(event: AccessEvent, pointer: PointerValue, progType: string, on: On<undefined>): void {
  const { isWrite, node } = event;
  if (isWrite && READ_ONLY.has(progType)) {
    tell("write", pointer, node, on);
    return;
  }
  const { kb, root } = on.walk;
  const [, name = "", index] = /^\.(\w+)(?:\[(\d+)\])?/.exec(pointer.path) ?? [];
  const context = kb.context(pointer.thing.type.replace(/^struct\s+/, ""));
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
