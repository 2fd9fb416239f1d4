/** Watch: things that the kernel takes care of are only handled by its functions, by the right ones, and as those want it. */

import { nameOf, pointee, readType } from "../ctypes.ts";
import type { Expression } from "../tree.ts";
import type { PointerValue } from "../values.ts";
import type { CallEvent, On, Watch } from "../watch.ts";

export const objects: Watch<undefined> = {
  name: "objects",
  start: () => undefined,
  call: (event, on) => {
    if (event.helper !== undefined) timerOf(event, on);
    else if (event.kfunc !== undefined) kernelObjects(event, on);
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

/** A timer stands in the values of the very map that it is started with. */
function timerOf({ name, args, call }: CallEvent, on: On<undefined>): void {
  if (name !== "bpf_timer_init") return;
  const [timer, map] = args;
  const node = call.args[1];
  if (timer?.kind !== "pointer" || map?.kind !== "pointer" || node === undefined) return;
  const of = timer.thing.lookup?.map;
  if (timer.thing.kind !== "map value" || map.thing.kind !== "map" || of === undefined) return;
  if (of !== map.thing.name) tell("other map", map, node, on, { map: of, given: map.thing.name });
}

/** Types of the kernel's in which there are pointers: no program can make one by itself. */
const KERNELS: ReadonlySet<string> = new Set(
  ["task_struct", "cgroup", "file", "inode", "dentry", "sock", "sk_buff", "nf_conn"].map((name) => `struct ${name}`),
);

function kernelObjects({ name, args, call, kfunc }: CallEvent, on: On<undefined>): void {
  args.forEach((arg, i) => {
    const node = call.args[i];
    if (arg.kind !== "pointer" || node === undefined) return;
    const wanted = structIn(kfunc?.params?.[i]?.type);
    const how = DROPS.has(name) ? dropped(name, arg) : misfit(wanted, arg, on);
    if (how !== undefined) tell("wrong object", arg, node, on, { how, call: name, wanted, given: arg.thing.type });
  });
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

function misfit(wanted: string, { thing, offset }: PointerValue, { walk }: On<undefined>): string | undefined {
  if (wanted === "") return undefined;
  if (thing.kind === "variable") return offset === 0 && KERNELS.has(wanted) ? "own" : undefined;
  const isGiven =
    thing.kind === "kernel" && thing.source.kind === "call" && walk.kb.kfunc(thing.source.name) !== undefined;
  // To the kernel what is not yet inserted is of another type, which it tells by the name.
  if (!isGiven || thing.type === wanted || plain(thing.type) !== plain(wanted)) return undefined;
  return wanted.endsWith(INIT) ? "inserted" : "not inserted";
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
function specialIn(node: Expression, { walk, path }: On<undefined>): string | undefined {
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
  { walk, path }: On<undefined>,
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
