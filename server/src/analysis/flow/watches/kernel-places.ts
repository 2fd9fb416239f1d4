/** Watch: in structures of the kernel's only places are looked at that the verifier knows: fields, within their end. */

import type { Expression } from "../tree.ts";
import type { NumberValue, PointerValue, Value } from "../values.ts";
import type { CallEvent, On, Root, Watch } from "../watch.ts";

export const kernelPlaces: Watch<undefined> = {
  name: "kernel places",
  start: () => undefined,
  access: ({ pointer, node, isWrite }, on) => {
    if (pointer.kind !== "pointer" || pointer.thing.kind !== "kernel") return;
    if (pointer.added.length === 0 && pointer.path === "") return;
    if (!isOfKernel(pointer, on.walk.root)) return;
    if (isBehind(pointer)) tell("behind", node, isWrite, pointer, on);
    else if (pointer.added.some((one) => isOpen(one, on))) tell("varies", node, isWrite, pointer, on);
  },
  call: (event, on) => {
    if (event.helper !== undefined) given(event, on);
    return undefined;
  },
};

/** Bytes of `comm`, in whichever structure: TASK_COMM_LEN. */
const COMM_SIZE = 16;
const COMM = /(?:^|\.)comm$/;

/** A helper is given more bytes than the field has. */
function given({ helper, args, call }: CallEvent, on: On<undefined>): void {
  const params = helper?.params ?? [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    const node = call.args[i];
    if (arg?.kind !== "pointer" || arg.thing.kind !== "kernel" || node === undefined) continue;
    if (params[i]?.kind !== "memory" || params[i + 1]?.kind !== "size" || !isOfKernel(arg, on.walk.root)) continue;
    const from = offsetInComm(arg);
    const size = args[i + 1];
    if (from === undefined || size?.kind !== "number") continue;
    const { low } = on.path.boundsOf(size);
    if (Number.isFinite(low) && from + low > COMM_SIZE) tell("too far", node, false, arg, on);
  }
}

function offsetInComm({ thing: { source }, path, added }: PointerValue): number | undefined {
  if (added.length > 0) return undefined;
  const whole = source.kind === "load" ? source.name + path : path;
  const [, field = "", index = "0"] = /^(.*?)(?:\[(\d+)\])?$/.exec(whole) ?? [];
  return COMM.test(field) ? Number(index) : undefined;
}

const TYPED: ReadonlySet<string> = new Set(["BPF_PROG_TYPE_TRACING", "BPF_PROG_TYPE_LSM"]);

/** A structure that the program was given or has looked up, or something that one leads to. */
function isOfKernel({ thing: { source, type } }: PointerValue, { meaning, isFunction }: Root): boolean {
  if (isFunction || meaning === undefined) return false;
  if (source.kind === "load") return source.from === "kernel" && TYPED.has(meaning.kind.progType);
  if (!type.startsWith("struct ")) return false;
  return source.kind === "parameter" ? TYPED.has(meaning.kind.progType) : source.name === CURRENT;
}

const CURRENT = "bpf_get_current_task_btf";

/** `task + 1`: of a structure whose size the file does not tell, one or more further on. */
function isBehind({ thing: { source }, offset, path }: PointerValue): boolean {
  return source.kind !== "load" && offset === undefined && /^\[[1-9]\d*\]/.test(path);
}

/** A number of which the verifier knows no more than its bounds. */
function isOpen(value: NumberValue, { path }: On<undefined>): boolean {
  const { low, high } = path.boundsOf(value);
  return low !== high && !value.isLoose && isFromOutside(value);
}

/** What a loader fills in before is known by then. */
function isFromOutside(value: Value): boolean {
  if (value.kind !== "number" || value.isLoose) return false;
  if (value.low === value.high) return true;
  if (value.operator !== undefined) return value.operands.length > 0 && value.operands.every(isFromOutside);
  const { source } = value;
  return (
    source?.kind === "call" || source?.kind === "parameter" || (source?.kind === "load" && source.from === "kernel")
  );
}

function tell(
  how: string,
  node: Expression,
  isWrite: boolean,
  { thing }: PointerValue,
  { walk, path }: On<undefined>,
): void {
  walk.report(path, {
    kind: "kernel place unknown",
    span: { start: node.start, end: node.end },
    about: thing.source.name.replace(/^\./, ""),
    node,
    thing,
    facts: { how, isWrite, isField: thing.source.kind === "load" },
  });
}
