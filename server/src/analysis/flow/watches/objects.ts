/** Watch: things that the kernel takes care of are only handled by its functions, by the right ones, and as those want it. */

import type { Param } from "../../knowledge/types.ts";
import { nameOf, pointee, readType } from "../ctypes.ts";
import type { Expression } from "../tree.ts";
import type { NumberValue, PointerValue, Thing, ThingKind } from "../values.ts";
import type { CallEvent, On, Walk, Watch } from "../watch.ts";

/** By the id of a value: the map that it was looked up in, where that was found in another. Things are made once: all paths may share it. */
type Inner = Map<number, Thing>;

export const objects: Watch<Inner> = {
  name: "objects",
  start: () => new Map(),
  call: (event, on) => {
    if (event.helper !== undefined) {
      lookedUp(event, on);
      timerOf(event, on);
      kernelPointers(event, event.helper.params, on);
    } else if (event.kfunc !== undefined) kernelObjects(event, on);
    return undefined;
  },
  access: ({ pointer, node }, on) => {
    if (pointer.kind !== "pointer") return;
    const { kind } = pointer.thing;
    if (kind !== "map value" && kind !== "object") return;
    const special = specialIn(node, on);
    if (special !== undefined) tell("special field", pointer, node, on, { special });
  },
};

function lookedUp({ name, args: [map], result }: CallEvent, on: On<Inner>): void {
  if (name !== LOOKUP || map?.kind !== "pointer" || result.kind !== "pointer" || !isFound(map)) return;
  on.slot.set(result.thing.id, map.thing);
}

/** A map that stands in a map: each time it is looked up it is another to the verifier. */
function isFound({ thing: { kind, source }, offset }: PointerValue): boolean {
  return kind === "other" && source.name === LOOKUP && source.kind === "call" && offset === 0;
}

const LOOKUP = "bpf_map_lookup_elem";

/** A timer stands in the values of the very map that it is started with. */
function timerOf({ name, args, call }: CallEvent, on: On<Inner>): void {
  if (name !== "bpf_timer_init") return;
  const [timer, map] = args;
  const node = call.args[1];
  if (timer?.kind !== "pointer" || map?.kind !== "pointer" || node === undefined) return;
  const inner = on.slot.get(timer.thing.id);
  if (inner !== undefined && inner !== map.thing && (map.thing.kind === "map" || isFound(map))) {
    tell("other map", map, node, on, { given: node.kind === "name" ? node.name : "this one" });
    return;
  }
  const of = timer.thing.lookup?.map;
  if (timer.thing.kind !== "map value" || map.thing.kind !== "map" || of === undefined) return;
  if (of !== map.thing.name) tell("other map", map, node, on, { map: of, given: map.thing.name });
}

/** Types of the kernel's in which there are pointers: no program can make one by itself. */
const KERNELS: ReadonlySet<string> = new Set(
  ["task_struct", "cgroup", "file", "inode", "dentry", "sock", "sk_buff", "nf_conn"].map((name) => `struct ${name}`),
);

function kernelObjects({ name, args, call, kfunc }: CallEvent, on: On<Inner>): void {
  args.forEach((arg, i) => {
    const node = call.args[i];
    if (arg.kind !== "pointer" || node === undefined) return;
    const wanted = structIn(kfunc?.params?.[i]?.type);
    const how = DROPS.has(name)
      ? dropped(name, arg)
      : isAdrift(arg, on) && kfunc?.params?.[i]?.type.startsWith("struct ") === true
        ? "adrift"
        : misfit(wanted, arg, on);
    if (how !== undefined) tell("wrong object", arg, node, on, { how, call: name, wanted, given: arg.thing.type });
  });
}

/** Things of which the verifier wants to know where in them a pointer leads. */
const FIXED: ReadonlySet<ThingKind> = new Set(["kernel", "object", "socket"]);

/** Whether something was added of which nobody knows before how much it is. */
function isAdrift({ thing, added }: PointerValue, { path }: On<Inner>): boolean {
  if (added.length === 0 || !FIXED.has(thing.kind)) return false;
  return added.some((one) => {
    const { low, high } = path.boundsOf(one);
    return low !== high && !one.isLoose && isFromOutside(one);
  });
}

function isFromOutside({ source, operands }: NumberValue): boolean {
  if (source !== undefined) return source.kind === "load" || source.kind === "call";
  return operands.some((one) => one.kind === "number" && isFromOutside(one));
}

function kernelPointers({ args, call }: CallEvent, params: readonly Param[], on: On<Inner>): void {
  for (let i = 0; i < params.length; i++) {
    const [param, arg, node] = [params[i], args[i], call.args[i]];
    if (param === undefined || arg?.kind !== "pointer" || node === undefined) continue;
    if (param.kind === "dynptr" && isBeside(arg))
      tell("wrong object", arg, node, on, { how: "beside", call: call.name });
    if (param.kind !== "kernel pointer" && param.kind !== "socket") continue;
    const wanted = structIn(param.type);
    if (isAdrift(arg, on)) tell("wrong object", arg, node, on, { how: "adrift", call: call.name });
    else if (param.kind === "kernel pointer" && isWhole(arg) && isAnother(arg.thing, wanted, on.walk))
      tell("wrong object", arg, node, on, { how: "another", call: call.name, wanted, given: arg.thing.type });
  }
}

/** What the callback of a ring buffer of user space is given is one dynptr, with none beside it. */
function isBeside({ thing: { source }, offset }: PointerValue): boolean {
  return source.name === "bpf_user_ringbuf_drain" && source.kind === "call" && offset !== 0;
}

/** Not a part of it, whose type is another. */
function isWhole({ path, offset, added }: PointerValue): boolean {
  return path === "" && offset === 0 && added.length === 0;
}

/** What gives back what it is not given by any other. */
const DROPS: ReadonlyMap<string, RegExp> = new Map([
  ["bpf_obj_drop_impl", /^bpf_percpu_obj_new/],
  ["bpf_percpu_obj_drop_impl", /^bpf_obj_new/],
]);

function dropped(name: string, { thing: { kind, type, source } }: PointerValue): string | undefined {
  if (source.kind !== "call" && source.kind !== "parameter") return undefined;
  if (kind === "object") return DROPS.get(name)?.test(source.name) === true ? "other drop" : undefined;
  return kind === "kernel" && KERNELS.has(type) ? "no object" : undefined;
}

function misfit(wanted: string, pointer: PointerValue, { walk }: On<Inner>): string | undefined {
  if (wanted === "") return undefined;
  const { thing, offset } = pointer;
  if (thing.kind === "variable") return offset === 0 && KERNELS.has(wanted) ? "own" : undefined;
  if (isWhole(pointer) && isAnother(thing, wanted, walk)) return "another";
  const isGiven =
    thing.kind === "kernel" && thing.source.kind === "call" && walk.kb.kfunc(thing.source.name) !== undefined;
  // To the kernel what is not yet inserted is of another type, which it tells by the name.
  if (!isGiven || thing.type === wanted || plain(thing.type) !== plain(wanted)) return undefined;
  return wanted.endsWith(INIT) ? "inserted" : "not inserted";
}

/** Structures that none of the others begins with. */
const DISTINCT: ReadonlySet<string> = new Set(
  ["task_struct", "cgroup", "file", "inode", "dentry", "mm_struct", "sk_buff", "pt_regs", "linux_binprm"].map(
    (name) => `struct ${name}`,
  ),
);

/** By what the program calls what it is given, and by what helpers give. */
function isAnother({ kind, source, type }: Thing, wanted: string, { kb }: Walk): boolean {
  if (kind !== "kernel" || type === wanted) return false;
  if (source.kind !== "parameter" && (source.kind !== "call" || kb.helper(source.name) === undefined)) return false;
  return DISTINCT.has(type) && DISTINCT.has(wanted) && wanted !== "struct sk_buff";
}

const INIT = "___init";

function plain(type: string): string {
  return type.endsWith(INIT) ? type.slice(0, -INIT.length) : type;
}

function structIn(type: string | undefined): string {
  return /^(?:const )?(struct \w+) \*$/.exec(type ?? "")?.[1] ?? "";
}

/** btf_parse_fields() of linux:kernel/bpf/btf.c, without pointers, which may be looked at. */
const SPECIAL: ReadonlySet<string> = new Set(
  "spin_lock res_spin_lock timer wq task_work list_head list_node rb_root rb_node refcount"
    .split(" ")
    .map((name) => `struct bpf_${name}`),
);

/** Of `p->lock.val`, `*(int *)&p->lock`: what kind of field of the thing itself it is. */
function specialIn(node: Expression, { walk, path }: On<Inner>): string | undefined {
  const first = firstMember(node);
  if (first?.of.kind !== "name") return undefined;
  const variable = path.frame.routine.graph.variableOf(first.of);
  if (variable === undefined) return undefined;
  const { types } = walk.model;
  const field = types.field(pointee(readType(variable.type, types), types), first.name);
  const type = field === undefined ? "" : nameOf(field.type);
  return SPECIAL.has(type) ? type.slice("struct ".length) : undefined;
}

function firstMember(node: Expression): Extract<Expression, { kind: "member" }> | undefined {
  switch (node.kind) {
    case "member":
      return node.isArrow && node.of.kind === "name" ? node : firstMember(node.of);
    case "cast":
    case "unary":
    case "index":
      return firstMember(node.of);
    default:
      return undefined;
  }
}

function tell(
  kind: string,
  { thing }: PointerValue,
  node: Expression,
  { walk, path }: On<Inner>,
  facts: Readonly<Record<string, string>>,
): void {
  walk.report(path, {
    kind,
    span: { start: node.start, end: node.end },
    about: thing.name === "" ? thing.source.name : thing.name,
    node,
    thing,
    facts,
    ...(thing.source.kind === "call" && { story: [{ span: thing.source.span, message: "it comes from here" }] }),
  });
}
