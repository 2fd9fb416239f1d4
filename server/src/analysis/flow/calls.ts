/** Calls: of the file's own functions, which are walked through, of the kernel's, and of what nobody knows. */

import { helperOf, kfuncMeant } from "../for-rules/runs.ts";
import type { Helper, KfuncFact, Param } from "../knowledge/types.ts";
import type { Call, MapFacts } from "../model.ts";
import { remembered } from "../remember.ts";
import { decide } from "./assume.ts";
import { nameOf, numberType, readType, UNKNOWN } from "./ctypes.ts";
import {
  clobber,
  type Outcome,
  placeKey,
  placeOf,
  store,
  tellAccess,
  typeHere,
  unknownFrom,
  valueIn,
} from "./evaluate.ts";
import { rangeOf } from "./numbers.ts";
import type { Nullness, Path } from "./path.ts";
import { isPure } from "./pure.ts";
import type { Routine } from "./routine.ts";
import type { CallExpression, Comparison, Expression } from "./tree.ts";
import type { NumberValue, PointerValue, Source, Value } from "./values.ts";
import type { Walker } from "./walk.ts";

const FLAG = { low: 0, high: 1, width: 4, isSigned: true } as const;

/** Functions of the language's, and macros that a program knows without their definitions. */
type Builtin = (call: CallExpression, path: Path, walker: Walker) => readonly Outcome[];

export function callOf(call: CallExpression, path: Path, walker: Walker): readonly Outcome[] {
  const { name } = call;
  const builtin = BUILTINS.get(name);
  if (builtin !== undefined && !isOwn(name, walker)) return builtin(call, path, walker);
  const routine = name === "" ? undefined : walker.world.routines(name);
  if (routine !== undefined) return ofRoutine(call, routine, argsOf(call, path, walker), path, walker);
  const isMacro = walker.model.declared(name) === undefined && walker.kb.helper(name) === undefined;
  return ofKernel(call, isMacro ? namedOrRead(call, path, walker) : argsOf(call, path, walker), path, walker);
}

function argsOf({ args }: CallExpression, path: Path, walker: Walker): readonly Value[] {
  return args.map((arg) => valueIn(arg, path, walker));
}

/** What a macro that nobody knows names may be no variable at all: `READ_FIELD(task, pid)`. */
function namedOrRead({ args }: CallExpression, path: Path, walker: Walker): readonly Value[] {
  return args.map((arg) => {
    const variable = arg.kind === "name" ? path.frame.routine.graph.variableOf(arg) : undefined;
    const isUnwritten = variable !== undefined && path.frame.variables.get(variable.index)?.kind === "uninitialised";
    return isUnwritten && !walker.isWhole(variable) ? walker.values.number() : valueIn(arg, path, walker);
  });
}

/** Whether a call may go several ways by itself: a function that is walked through, or a condition in disguise. */
export function mayCallFork({ name }: CallExpression, walker: Walker): boolean {
  const routine = walker.world.routines(name);
  if (routine !== undefined) return !isPure(routine, walker.world.routines);
  return FORKING.has(name) || RUNS_AT_ONCE.has(name);
}

function isOwn(name: string, walker: Walker): boolean {
  return walker.world.routines(name) !== undefined;
}

/** A function of the file: what it does is seen by walking through it. One that the verifier looks at by itself is not. */
function ofRoutine(
  call: CallExpression,
  routine: Routine,
  args: readonly Value[],
  path: Path,
  walker: Walker,
): readonly Outcome[] {
  const isRecursive = path.frames.some((frame) => frame.routine === routine);
  // A macro stands for several of its parameters: nobody knows which is which.
  const isUnread = args.length > routine.params.length || !routine.body.isWhole;
  if (isRecursive || walker.isTooDeep(path) || isUnread) return ofUnknown(call, args, path, walker);
  if (isVerifiedAlone(routine)) {
    const { name } = call;
    const by: Source = { span: walker.spanOf(path, call), name, kind: "call", from: "memory" };
    for (const arg of args) clobber(arg, path, walker, { by });
    const result = resultOf(call, routine.head, path, walker);
    const nobody = { helper: undefined, kfunc: undefined, isUnknown: false, map: undefined };
    return [{ path, value: walker.tellCall({ call, name, args, ...nobody, routine, result }, path) }];
  }
  const type = readType(resultType(routine), walker.model.types);
  if (isPure(routine, walker.world.routines)) {
    const number = numberType(type, walker.model.types);
    const { reckoned } = walker.world;
    if (!reckoned.has(routine) && routine.fn !== undefined) {
      reckoned.add(routine);
      walker.through(routine, [], path.fork(), undefined);
    }
    return [{ path, value: walker.values.derived(`${call.name}()`, args, rangeOf(number), number) }];
  }
  const site = path.frame.site ?? (routine.fn === undefined ? { start: call.start, end: call.end } : undefined);
  return walker.through(routine, args, path, site).map(({ path: after, value }) => ({
    path: after,
    value:
      value ?? unknownFrom(type, { span: walker.spanOf(after, call), name: call.name, kind: "call" }, "other", walker),
  }));
}

/** The words that say what a function returns. */
export function resultType({ head }: Routine): string {
  return resultWords(head);
}

const resultWords = remembered((head: string): string =>
  // `int BPF_KPROBE(` of a program whose parameters a macro makes.
  head
    .replace(/\b\w+\s*\(\s*$/, "")
    .replace(/\b(?:static|inline|extern|__\w+|noinline|SEC\s*\([^)]*\))(?:\([^)]*\))?\s*/g, (word) =>
      /^__(?:[us]\d|[bl]e\d)/.test(word) ? word : "",
    ),
);

/** Functions that are not static are verified by themselves; inlined ones leave nothing to verify. */
export function isVerifiedAlone({ isStatic, head }: Routine): boolean {
  return !isStatic && !/\binline\b|__always_inline|__hidden/.test(head);
}

function resultOf(call: CallExpression, type: string, path: Path, walker: Walker): Value {
  const source: Source = { span: walker.spanOf(path, call), name: call.name, kind: "call" };
  return unknownFrom(readType(type, walker.model.types), source, "other", walker);
}

/** As the rules know a call: by name alone, where it stands does not matter. */
function asCall({ name }: CallExpression): Call {
  return { name } as Call;
}

function ofKernel(call: CallExpression, args: readonly Value[], path: Path, walker: Walker): readonly Outcome[] {
  const helper = helperOf(asCall(call), walker);
  const kfunc = helper === undefined ? kfuncMeant(asCall(call), walker) : undefined;
  if (helper === undefined && kfunc === undefined) return ofUnknown(call, args, path, walker);
  // It was asked for, and is not there: the verifier leaves out what is done then.
  if (kfunc !== undefined && isAbsent(call.name, path, walker)) return one(path, walker.values.number());
  const params = helper?.params ?? kfunc?.params ?? [];
  const outcomes = callbacksOf(call, args, path, walker);
  return outcomes.map((one) => {
    clobberArguments(call, params, helper, outcomes.length > 1 ? withoutContext(call, args) : args, one, walker);
    const result = kernelResult(call, helper, kfunc, args, one, walker);
    const map = mapOf(args[0], walker);
    const event = { call, name: call.name, args, helper, kfunc, isUnknown: false, map, result };
    return { path: one, value: walker.tellCall(event, one) };
  });
}

function isAbsent(name: string, path: Path, { values }: Walker): boolean {
  return path.boundsOf(values.derived(`bpf_ksym_exists(${name})`, [], FLAG)).high === 0;
}

export function mapOf(value: Value | undefined, walker: Walker) {
  return value?.kind === "pointer" && value.thing.kind === "map" ? walker.model.mapNamed(value.thing.name) : undefined;
}

/** Pointers that these fetch are numbers to the verifier. */
const FETCHES = /^(?:bpf_probe_read(?:_kernel|_user)?|bpf_core_read(?:_user)?|BPF_(?:CORE|PROBE)_READ(?:_USER)?_INTO)$/;

function fetchedBy(call: CallExpression, path: Path, walker: Walker): Source | undefined {
  return FETCHES.test(call.name) ? { span: walker.spanOf(path, call), name: call.name, kind: "call" } : undefined;
}

/** What a helper writes to is anything afterwards. */
function clobberArguments(
  call: CallExpression,
  params: readonly Param[],
  helper: Helper | undefined,
  args: readonly Value[],
  path: Path,
  walker: Walker,
): void {
  const fetched = fetchedBy(call, path, walker);
  const source: Source = { span: walker.spanOf(path, call), name: call.name, kind: "call", from: "memory" };
  args.forEach((arg, i) => {
    const param = params[i];
    const mayWrite =
      param?.written === true ||
      (helper === undefined && !/\bconst\b/.test(param?.type ?? "")) ||
      param?.kind === "stack" ||
      param?.kind === "dynptr" ||
      param?.kind === "number";
    if (!mayWrite) return;
    // How much it writes is what the next argument says.
    const size = param?.written === true && params[i + 1]?.kind === "size" ? constantOf(args[i + 1], path) : undefined;
    clobber(arg, path, walker, { size, read: i === 0 ? fetched : undefined, by: source });
  });
}

/** What a callback is given beside the arguments of the call that runs it. */
type Given = "item" | "number" | "key" | "value" | "vma";

/** Callbacks that are run at once, once or not at all: how often does not matter. */
const RUNS_AT_ONCE: ReadonlyMap<
  string,
  {
    readonly callback: number;
    readonly args: readonly (number | Given)[];
    /** It only compares: what it does is looked at, and nobody goes on from there. */
    readonly isAside?: boolean;
  }
> = new Map<string, { callback: number; args: (number | Given)[]; isAside?: boolean }>([
  ["bpf_loop", { callback: 1, args: ["number", 2] }],
  ["bpf_for_each_map_elem", { callback: 1, args: [0, "key", "value", 2] }],
  ["bpf_find_vma", { callback: 2, args: [0, "vma", 3] }],
  ["bpf_user_ringbuf_drain", { callback: 1, args: ["item", 2] }],
  ["bpf_rbtree_add", { callback: 2, args: ["item", "item"], isAside: true }],
  ["bpf_rbtree_add_impl", { callback: 2, args: ["item", "item"], isAside: true }],
]);

function callbacksOf(call: CallExpression, args: readonly Value[], path: Path, walker: Walker): readonly Path[] {
  const runs = RUNS_AT_ONCE.get(call.name);
  const callback = runs && args[runs.callback];
  const routine = callback?.kind === "pointer" ? walker.world.routines(callback.thing.name) : undefined;
  if (runs === undefined || routine === undefined || walker.isTooDeep(path) || !routine.body.isWhole) return [path];
  const source: Source = { span: walker.spanOf(path, call), name: call.name, kind: "call" };
  const given = runs.args.map((arg): Value => {
    if (typeof arg === "string") return givenTo(arg, source, mapOf(args[0], walker), walker);
    return args[arg] ?? walker.values.number();
  });
  const without = path.fork();
  const site = path.frame.site ?? (routine.fn === undefined ? { start: call.start, end: call.end } : undefined);
  const once = walker.through(routine, given, path, site).map((exit) => exit.path);
  if (runs.isAside === true) return [without];
  // How often it runs nobody knows: what one run leaves behind the next one finds.
  const isOnce = call.name === "bpf_loop" && constantOf(args[0], path) === 1;
  const place = contextOf(call.name);
  const context = place === undefined ? undefined : args[place];
  const again = isOnce ? [] : once.filter((one) => leavesConstant(context, without, one));
  return [
    without,
    ...once,
    ...again.flatMap((one) => walker.through(routine, given, one.fork(), site).map((exit) => exit.path)),
  ];
}

/** Whether a variable that a callback was handed has another constant now: it counts, or goes from one state to another. */
function leavesConstant(context: Value | undefined, before: Path, after: Path): boolean {
  if (context?.kind !== "pointer" || context.thing.variable === undefined) return false;
  const { frame: id, variable } = context.thing;
  const valueOn = (path: Path): Value | undefined =>
    path.frames.find((frame) => frame.id === id)?.variables.get(variable.index);
  const now = valueOn(after);
  if (now?.kind === "number" && now.low === now.high && now.id !== valueOn(before)?.id) return true;
  const owner = placeKey(context);
  for (const [key, value] of after.stores)
    if (key.startsWith(owner) && value.kind === "number" && value.low === value.high)
      if (before.stores.get(key)?.id !== value.id) return true;
  return false;
}

/** What its callback does with what it is handed was seen: nobody else changes it. */
function withoutContext({ name }: CallExpression, args: readonly Value[]): readonly Value[] {
  const at = contextOf(name);
  return at === undefined ? args : args.slice(0, at);
}

/** Which argument is handed on to the callback. */
function contextOf(name: string): number | undefined {
  return RUNS_AT_ONCE.get(name)?.args.findLast((arg) => typeof arg === "number");
}

/** What the name of a thing is that is the key of an element. */
export const KEY = "key";

function givenTo(what: Given, source: Source, map: MapFacts | undefined, { values }: Walker): Value {
  switch (what) {
    case "number":
      return values.number({ low: 0, high: 1 << 23, width: 4, isSigned: false, source });
    case "vma":
      return values.pointer(values.thing({ kind: "kernel", source, type: "struct vm_area_struct" }), { offset: 0 });
    case "key": {
      const { keySize: size, keyType: type = "" } = map ?? {};
      return values.pointer(values.thing({ kind: "memory", source, name: KEY, size, type }), { offset: 0 });
    }
    case "value": {
      if (map === undefined) break;
      const { valueSize: size, valueType: type = "", name } = map;
      const thing = values.thing({ kind: "map value", source, size, type, lookup: { map: name, key: undefined } });
      return values.pointer(thing, { offset: 0 });
    }
    default:
  }
  return values.pointer(values.thing({ kind: "other", source }), { offset: 0 });
}

function kernelResult(
  call: CallExpression,
  helper: Helper | undefined,
  kfunc: KfuncFact | undefined,
  args: readonly Value[],
  path: Path,
  walker: Walker,
): Value {
  const source: Source = { span: walker.spanOf(path, call), name: call.name, kind: "call" };
  const { values, model } = walker;
  const returns = helper?.returns ?? kfunc?.returns ?? declaredResult(call.name, walker);
  if (helper === undefined) {
    const nullness = resultNullness(call.name, kfunc);
    if (!returns.includes("*"))
      return unknownFrom(readType(returns, model.types), { ...source, from: "raw" }, "other", walker);
    const isObject = /^bpf_(?:percpu_)?obj_new/.test(call.name);
    const isMemory = /^(?:const )?(?:void|char|u8|__u8) ?\*$/.test(returns);
    return values.pointer(
      values.thing({
        kind: isObject ? "object" : isMemory ? "memory" : "kernel",
        source,
        nullness,
        type: isObject ? objectType(call, path, walker) : pointedType(returns),
        size: call.name.startsWith("bpf_dynptr_slice") ? constantOf(args[3], path) : undefined,
      }),
      { offset: 0 },
    );
  }
  if (helper.result === "number" || helper.result === "nothing") {
    const type = readType(returns === "" ? "long" : returns, model.types);
    const result = unknownFrom(type, { ...source, from: "raw" }, "raw", walker);
    const range = resultRange(call.name, args, path);
    if (range === undefined || result.kind === "pointer") return result;
    const { width, isSigned } = result;
    return values.number({ ...range, width, isSigned, source: result.source });
  }
  const map = mapOf(args[0], walker);
  const kind = HELPER_RESULTS.get(call.name) ?? kindByType(returns);
  const isInner = map?.type === "BPF_MAP_TYPE_ARRAY_OF_MAPS" || map?.type === "BPF_MAP_TYPE_HASH_OF_MAPS";
  const asked = SIZE_ASKED.get(call.name);
  const size =
    kind === "map value" && !isInner
      ? sizeOfValue(map)
      : asked === undefined
        ? undefined
        : constantOf(args[asked], path);
  const [first, key] = args;
  return values.pointer(
    values.thing({
      kind: kind === "map value" && isInner ? "other" : kind,
      source,
      nullness: helper.result === "pointer or null" ? "maybe" : "never",
      type: kind === "map value" ? (map?.valueType ?? "") : pointedType(returns),
      // Of a variable of the kernel's the verifier knows which it is.
      name:
        PER_CPU.test(call.name) && first?.kind === "pointer" && first.thing.kind === "global" ? first.thing.name : "",
      size,
      lookup: map === undefined || kind !== "map value" ? undefined : { map: map.name, key: keyOf(key, path, walker) },
    }),
    { offset: 0 },
  );
}

/** `struct foo` of `bpf_obj_new(struct foo)`, which hands over the number of that type; empty where that is not clear. */
function objectType({ texts }: CallExpression, path: Path, walker: Walker): string {
  const text = /^(?:bpf_core_type_id_local|__builtin_btf_type_id)\s*\((.*)\)$/s.exec(texts[0] ?? "")?.[1]?.trim() ?? "";
  // The number of a type is asked of a value of it: `*(struct foo *)0, 0`.
  const asked = /^\*\s*\(\s*(.*?)\s*\*\s*\)\s*0\s*,\s*\w+$/s.exec(text)?.[1] ?? text;
  const type = /^typeof\s*\(\s*(struct\b.*)\)$/s.exec(asked)?.[1]?.trim() ?? asked;
  const variable = /^(?:__)?typeof(?:__)?\s*\(\s*\*\s*(\w+)\s*\)$/.exec(type)?.[1];
  if (variable === undefined) return /^(?:struct )?\w+$/.test(type) || /^struct\s*\{/.test(type) ? type : "";
  const known = path.frame.routine.graph.variables.filter(({ name }) => name === variable);
  const pointer = known.length === 1 ? readType(known[0]?.type ?? "", walker.model.types) : undefined;
  return pointer?.kind === "pointer" ? nameOf(pointer.to ?? UNKNOWN) : "";
}

export const PER_CPU = /^bpf_(?:per|this)_cpu_ptr$/;

/** How much was written, or an error: the helpers of which the verifier knows that. Which argument is the size. */
const WRITTEN: ReadonlyMap<string, number> = new Map([
  ["bpf_probe_read_str", 1],
  ["bpf_probe_read_kernel_str", 1],
  ["bpf_probe_read_user_str", 1],
  ["bpf_get_stack", 2],
  ["bpf_get_task_stack", 2],
]);
const LAST_ERROR = -4095;

function resultRange(name: string, args: readonly Value[], path: Path) {
  // No kernel is built for more.
  if (name === "bpf_get_smp_processor_id") return { low: 0, high: 8191 };
  const size = WRITTEN.get(name);
  const given = size === undefined ? undefined : args[size];
  return given === undefined ? undefined : { low: LAST_ERROR, high: path.boundsOf(given).high };
}

/** Of a function that the facts know without its prototype: what the file's own declaration says. */
function declaredResult(name: string, { model }: Walker): string {
  return (model.declared(name)?.text.split(name)[0] ?? "").replace(/\bextern\b/, "").trim();
}

function resultNullness(name: string, kfunc: KfuncFact | undefined): Nullness {
  if (kfunc?.flags.includes("KF_RET_NULL") !== true) return "never";
  // It gives NULL only for what somebody else may have given back: of an object of one's own the verifier knows better.
  return name.startsWith("bpf_refcount_acquire") ? "unknown" : "maybe";
}

/** The number that a key holds, where it is a variable of its own: of what is not on the stack the verifier reads nothing. */
function keyOf(key: Value | undefined, path: Path, { values }: Walker): Value | undefined {
  if (key?.kind !== "pointer" || key.path !== "") return undefined;
  const { variable, frame: id, kind, source } = key.thing;
  if (kind === "global")
    return values.once(`key ${key.thing.id}`, () => values.number({ source: { ...source, kind: "load" } }));
  if (variable === undefined) return undefined;
  const value = path.frames.find((frame) => frame.id === id)?.variables.get(variable.index);
  return value?.kind === "number" ? value : undefined;
}

/** Of a map declared to keep `void *`, which nobody could follow, user space says the size before it loads, or brings another. */
function sizeOfValue(map: MapFacts | undefined): number | undefined {
  return /^(?:const )?void \*$/.test(map?.valueType ?? "") ? undefined : map?.valueSize;
}

function constantOf(value: Value | undefined, path: Path): number | undefined {
  if (value?.kind !== "number") return undefined;
  const { low, high } = path.boundsOf(value);
  return low === high && Number.isFinite(low) ? low : undefined;
}

const HELPER_RESULTS: ReadonlyMap<string, "map value" | "record" | "memory" | "other"> = new Map([
  ["bpf_map_lookup_elem", "map value"],
  ["bpf_map_lookup_percpu_elem", "map value"],
  ["bpf_sk_storage_get", "map value"],
  ["bpf_inode_storage_get", "map value"],
  ["bpf_task_storage_get", "map value"],
  ["bpf_cgrp_storage_get", "map value"],
  ["bpf_get_local_storage", "map value"],
  ["bpf_ringbuf_reserve", "record"],
  ["bpf_dynptr_data", "memory"],
  ["bpf_kptr_xchg", "other"],
]);

/** The argument that says how many bytes are wanted. */
const SIZE_ASKED: ReadonlyMap<string, number> = new Map([
  ["bpf_ringbuf_reserve", 1],
  ["bpf_dynptr_data", 2],
]);

function kindByType(returns: string): "socket" | "kernel" | "memory" {
  if (/struct (?:bpf_\w*sock|tcp\w*sock|udp\w*sock|unix_sock|sock\w*|request_sock)\b/.test(returns)) return "socket";
  return /^struct/.test(returns) ? "kernel" : "memory";
}

function pointedType(returns: string): string {
  return returns.replace(/\s*\*+\s*$/, "").replace(/^const\s+/, "");
}

/** A function or a macro that nobody has seen: it may change what it is given, ask about it, or keep it. */
function ofUnknown(call: CallExpression, args: readonly Value[], path: Path, walker: Walker): readonly Outcome[] {
  const fetched = fetchedBy(call, path, walker);
  for (const arg of args) {
    clobber(arg, path, walker, { read: arg === args[0] ? fetched : undefined });
    if (arg.kind === "pointer" && path.isNull(arg.thing) === "maybe") path.nullness.set(arg.thing.id, "never");
  }
  // A macro may write to what it names.
  call.args.forEach((arg, i) => {
    const value = args[i];
    if (arg.kind !== "name" || value?.kind === "pointer") return;
    const variable = path.frame.routine.graph.variableOf(arg);
    if (variable !== undefined && !isFunction(call.name, walker))
      path.frame.variables.set(
        variable.index,
        unknownFrom(
          readType(variable.type, walker.model.types),
          { span: walker.spanOf(path, call), name: variable.name, kind: "unknown" },
          "other",
          walker,
        ),
      );
  });
  const result = resultOf(call, walker.model.declared(call.name)?.text.split(call.name)[0] ?? "", path, walker);
  const event = {
    call,
    name: call.name,
    args,
    helper: undefined,
    kfunc: undefined,
    isUnknown: true,
    map: undefined,
    result,
  };
  return [{ path, value: walker.tellCall(event, path) }];
}

/** Whether a name is declared as a function: then it sees no more than the values that it is given. */
function isFunction(name: string, walker: Walker): boolean {
  return walker.model.declared(name) !== undefined || walker.world.routines(name) !== undefined;
}

/** It only looks at its arguments, and gives the same for the same. */
const pure =
  (bounds: {
    readonly low: number;
    readonly high: number;
    readonly width: number;
    readonly isSigned: boolean;
  }): Builtin =>
  (call, path, walker) =>
    one(path, walker.values.derived(call.name, argsOf(call, path, walker), bounds));

/**
 * Of a constant it gives another: who asks for `bpf_htons(ETH_P_IP)` and then for `bpf_htons(ETH_P_IPV6)` asks for two things. Which
 * that are depends on the machine; most have the lowest byte first.
 */
const swapped =
  (width: 2 | 4): Builtin =>
  (call, path, walker) => {
    const { values } = walker;
    const args = argsOf(call, path, walker);
    const [of] = args;
    const { low, high } = of?.kind === "number" ? path.boundsOf(of) : { low: 0, high: 1 };
    if (low !== high || !Number.isSafeInteger(low)) return one(path, values.derived(call.name, args, unsigned(width)));
    return one(path, values.retyped(values.constant(turned(low, width)), { width, isSigned: false }));
  };

function turned(value: number, width: 2 | 4): number {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, value);
  return width === 2 ? bytes.getUint16(2, true) : bytes.getUint32(0, true);
}

/** It says something of what its arguments name, and does not look into it. */
const unread =
  (bounds: Pick<NumberValue, "low" | "high" | "width" | "isSigned">): Builtin =>
  ({ name, texts }, path, { values }) => [{ path, value: values.derived(`${name}(${texts.join()})`, [], bounds) }];

/** What came to the kernel in one release is there together, whatever it is asked for by: `BPF_FUNC_ringbuf_reserve`, `…_submit`. */
const enumerator: Builtin = (call, path, walker) => {
  const since = releaseOf(call.texts[1]?.trim() ?? "", walker.kb);
  if (since === undefined) return unread(FLAG)(call, path, walker);
  return one(path, walker.values.derived(`kernel with what came in ${since}`, [], FLAG));
};

function releaseOf(name: string, kb: Walker["kb"]): string | undefined {
  const helper = /^BPF_FUNC_(\w+)$/.exec(name)?.[1];
  return helper === undefined ? kb.mapType(name)?.since : kb.helper(`bpf_${helper}`)?.since;
}

const unsigned = (width: number) => ({
  low: 0,
  high: width >= 8 ? Number.POSITIVE_INFINITY : 2 ** (width * 8) - 1,
  width,
  isSigned: false,
});

/** `READ_ONCE(x)`: the same as `x`. */
const same: Builtin = (call, path, walker) => {
  const [first] = call.args;
  return one(path, first === undefined ? walker.values.number() : valueIn(first, path, walker));
};

const write: Builtin = (call, path, walker) => {
  const [target, value] = call.args;
  if (target === undefined || value === undefined) return one(path, walker.values.number());
  const written = valueIn(value, path, walker);
  store(placeOf(target, path, walker), written, path, walker);
  return one(path, written);
};

/** `__builtin_memcpy(to, from, n)` and the like: memory is looked at, and written to. */
const memory =
  (reads: boolean): Builtin =>
  (call, path, walker) => {
    const args = argsOf(call, path, walker);
    const [to, from, count] = args;
    const size = constantOf(count, path);
    touch(call.args[0], to, size, true, path, walker);
    if (reads) touch(call.args[1], from, size, false, path, walker);
    if (to !== undefined) clobber(to, path, walker, { size });
    if (!reads && constantOf(from, path) === 0) zero(to, path, walker);
    const event = {
      call,
      name: call.name,
      args,
      helper: undefined,
      kfunc: undefined,
      isUnknown: false,
      map: undefined,
      result: to ?? walker.values.number(),
    };
    return one(path, walker.tellCall(event, path));
  };

/** A pointer of which all bytes are set to 0 is NULL: `memset(&event, 0, sizeof(event))`. */
function zero(to: Value | undefined, path: Path, walker: Walker): void {
  if (to?.kind !== "pointer" || to.path !== "" || to.offset !== 0 || to.added.length > 0) return;
  const { variable, frame: id } = to.thing;
  if (variable === undefined || walker.isWhole(variable)) return;
  if (walker.model.types.behind(readType(variable.type, walker.model.types)).kind !== "pointer") return;
  const frame = path.frames.find((one) => one.id === id);
  frame?.variables.set(variable.index, walker.values.constant(0));
}

function touch(
  node: Expression | undefined,
  pointer: Value | undefined,
  size: number | undefined,
  isWrite: boolean,
  path: Path,
  walker: Walker,
): void {
  if (node === undefined || pointer === undefined) return;
  const offset = pointer.kind === "pointer" ? pointer.offset : undefined;
  walker.tell("access", { pointer, node, offset, size, isWrite, field: "" }, path);
}

/** `__sync_fetch_and_add(p, n)`: a read and a write of what `p` points to. */
const atomic: Builtin = (call, path, walker) => {
  const [pointer] = argsOf(call, path, walker);
  const [node] = call.args;
  if (pointer !== undefined && node !== undefined) {
    const to = walker.model.types.behind(typeHere(node, path, walker));
    const type = to.kind === "pointer" && to.to !== undefined ? to.to : ({ kind: "unknown" } as const);
    tellAccess({ pointer, type, node, field: "", isDirect: false }, true, path, walker);
    clobber(pointer, path, walker);
  }
  return one(path, walker.values.number());
};

/** It gives a pointer of some kind; what follows its first argument may be names of fields or types. */
const pointing =
  (kind: "raw" | "kernel"): Builtin =>
  (call, path, walker) => {
    const [first] = call.args;
    if (first !== undefined && !walker.mayFork(first)) valueIn(first, path, walker);
    const source: Source = { span: walker.spanOf(path, call), name: call.name, kind: "call", from: kind };
    const thing = walker.values.thing({ kind, source, nullness: "unknown" });
    return one(path, walker.values.pointer(thing, { offset: kind === "kernel" ? 0 : undefined }));
  };

/** `PT_REGS_PARM1(regs)`: an access to the registers, which a program may make to its own context only. */
const registers: Builtin = (call, path, walker) => {
  const [first] = call.args;
  const regs = first === undefined || walker.mayFork(first) ? undefined : valueIn(first, path, walker);
  const isContext = regs?.kind === "pointer" && regs.thing.kind === "context";
  if (regs !== undefined && !isContext)
    walker.tell("access", { pointer: regs, node: call, offset: undefined, size: 8, isWrite: false, field: "" }, path);
  return pointing("raw")(call, path, walker);
};

/** What a field is part of: the same thing, from elsewhere in it. */
const container: Builtin = (call, path, walker) => {
  const [first] = call.args;
  const field = first === undefined || walker.mayFork(first) ? undefined : valueIn(first, path, walker);
  if (field?.kind === "pointer" && field.thing.kind !== "variable") {
    const whole = containerOf(field, call.texts[2]?.trim() ?? "", walker);
    // It may be NULL as the part may, and is asked about as that is.
    if (field.thing.nullness === "maybe") walker.tell("address", { pointer: whole, node: call }, path);
    return one(path, whole);
  }
  const source: Source = { span: walker.spanOf(path, call), name: call.name, kind: "call", from: "other" };
  return one(path, walker.values.pointer(walker.values.thing({ kind: "other", source, nullness: "unknown" })));
};

/** Of `&n->node` the container is `n`; of what came as a node by itself it begins nobody knows where. */
function containerOf({ thing, added, path }: PointerValue, field: string, walker: Walker): PointerValue {
  const inner = `.${field}`;
  return path.endsWith(inner) && added.length === 0
    ? walker.values.pointer(thing, { offset: path === inner ? 0 : undefined, path: path.slice(0, -inner.length) })
    : walker.values.pointer(thing, { offset: undefined, added, path: `${path}[-${field}]` });
}

/** Watches are told of a call of which nothing more is known than what it is given. */
function told(call: CallExpression, kfunc: KfuncFact | undefined, path: Path, walker: Walker): Value {
  const { name } = call;
  const args = argsOf(call, path, walker);
  const result = walker.values.number();
  return walker.tellCall(
    { call, name, args, helper: undefined, kfunc, isUnknown: false, map: undefined, result },
    path,
  );
}

/** The program ends here, wherever it is. */
const thrown: Builtin = (call, path, walker) => {
  told(call, walker.kb.kfunc(call.name), path, walker);
  return [];
};

const nothing: Builtin = (call, path, walker) => {
  argsOf(call, path, walker);
  return one(path, walker.values.number());
};

/** It prints, which a lock forbids; what it prints may be anything. */
const printed: Builtin = (call, path, walker) => one(path, told(call, undefined, path, walker));

/** What it asserts holds from here on; otherwise it throws. */
const asserted: Builtin = (call, path, walker) => {
  const [test, cookie] = call.args;
  if (test === undefined) return one(path, walker.values.number());
  const value = valueIn(test, path, walker);
  const thrown = cookie === undefined ? walker.values.constant(0) : valueIn(cookie, path, walker);
  const { yes, no } = decide("!=", value, walker.values.constant(0), test, path, walker);
  if (no !== undefined) {
    const name = "bpf_throw";
    const given = { ...call, name, args: cookie === undefined ? [] : [cookie] };
    const known = { helper: undefined, kfunc: walker.kb.kfunc(name), isUnknown: false, map: undefined };
    walker.tellCall({ call: given, name, args: [thrown], ...known, result: walker.values.number() }, no);
  }
  return yes === undefined ? [] : one(yes, value);
};

/** `bpf_assert_range(n, 1, 8)`, `bpf_assert_lt(n, 8)`: the program goes on only where it is so. */
const asserting =
  (...operators: readonly Comparison[]): Builtin =>
  ({ args: [of, ...others] }, path, walker) => {
    let here: Path | undefined = path;
    if (of === undefined) return one(path, walker.values.number());
    operators.forEach((operator, i) => {
      const other = others[i];
      if (here === undefined || other === undefined) return;
      here = decide(operator, valueIn(of, here, walker), valueIn(other, here, walker), of, here, walker).yes;
    });
    return here === undefined ? [] : one(here, walker.values.number());
  };

const ASSERTIONS: readonly (readonly [string, Builtin])[] = (
  [
    ["range", [">=", "<="]],
    ["eq", ["=="]],
    ["ne", ["!="]],
    ["lt", ["<"]],
    ["gt", [">"]],
    ["le", ["<="]],
    ["ge", [">="]],
  ] as const
).map(([word, operators]) => [`bpf_assert_${word} bpf_assert_${word}_with`, asserting(...operators)]);

const lost: Builtin = () => [];

function one(path: Path, value: Value): readonly Outcome[] {
  return [{ path, value }];
}

/** What may end a path, or go on in two. */
const FORKING: ReadonlySet<string> = new Set([
  ..."bpf_assert bpf_assert_with __bpf_unreachable __builtin_unreachable bpf_throw __builtin_trap".split(" "),
  ...ASSERTIONS.flatMap(([names]) => names.split(" ")),
]);

/** Registers by what stands in them. */
const REGISTERS =
  "PT_REGS_PARM1 PT_REGS_PARM2 PT_REGS_PARM3 PT_REGS_PARM4 PT_REGS_PARM5 PT_REGS_RC PT_REGS_PARM1_SYSCALL PT_REGS_PARM2_SYSCALL PT_REGS_PARM3_SYSCALL PT_REGS_PARM4_SYSCALL PT_REGS_PARM5_SYSCALL";

export const isRegister = (name: string): boolean => BUILTINS.get(name) === registers;

/** Names beginning like these all do the same. */
const BUILTIN_LIST: readonly (readonly [string, Builtin])[] = [
  ["likely unlikely __builtin_expect READ_ONCE ACCESS_ONCE bpf_rdonly_cast_same", same],
  ["WRITE_ONCE", write],
  [
    "bpf_htons bpf_ntohs __bpf_htons __bpf_ntohs htons ntohs __builtin_bswap16 bpf_cpu_to_be16 bpf_be16_to_cpu",
    swapped(2),
  ],
  [
    "bpf_htonl bpf_ntohl __bpf_htonl __bpf_ntohl htonl ntohl __builtin_bswap32 bpf_cpu_to_be32 bpf_be32_to_cpu",
    swapped(4),
  ],
  ["bpf_cpu_to_be64 bpf_be64_to_cpu __builtin_bswap64", pure(unsigned(8))],
  [
    "bpf_core_field_exists bpf_core_type_exists bpf_core_type_matches bpf_ksym_exists __builtin_constant_p",
    unread(FLAG),
  ],
  ["bpf_core_enum_value_exists", enumerator],
  [
    "bpf_core_field_size bpf_core_type_size bpf_core_enum_value bpf_core_field_offset __builtin_preserve_field_info bpf_core_type_id_local bpf_core_type_id_kernel __builtin_btf_type_id",
    unread(unsigned(8)),
  ],
  ["__builtin_memcpy memcpy __builtin_memmove memmove", memory(true)],
  ["__builtin_memset memset", memory(false)],
  [
    "__sync_fetch_and_add __sync_fetch_and_sub __sync_fetch_and_or __sync_fetch_and_and __sync_fetch_and_xor __sync_add_and_fetch __sync_sub_and_fetch __sync_val_compare_and_swap __sync_bool_compare_and_swap __sync_lock_test_and_set __atomic_fetch_add __atomic_add_fetch __atomic_exchange_n",
    atomic,
  ],
  [
    "BPF_CORE_READ BPF_PROBE_READ BPF_CORE_READ_USER BPF_PROBE_READ_USER PT_REGS_PARM1_CORE PT_REGS_PARM2_CORE PT_REGS_PARM3_CORE PT_REGS_PARM4_CORE PT_REGS_PARM5_CORE PT_REGS_RC_CORE PT_REGS_PARM1_CORE_SYSCALL PT_REGS_PARM2_CORE_SYSCALL PT_REGS_PARM3_CORE_SYSCALL PT_REGS_PARM4_CORE_SYSCALL PT_REGS_PARM5_CORE_SYSCALL",
    pointing("raw"),
  ],
  [REGISTERS, registers],
  ["bpf_core_cast bpf_rdonly_cast", pointing("kernel")],
  ["container_of", container],
  ["barrier barrier_var bpf_trace_printk_fmt", nothing],
  ["bpf_printk", printed],
  ["bpf_assert bpf_assert_with", asserted],
  ...ASSERTIONS,
  ["bpf_throw", thrown],
  ["__bpf_unreachable __builtin_unreachable __builtin_trap", lost],
];

const BUILTINS: ReadonlyMap<string, Builtin> = new Map(
  BUILTIN_LIST.flatMap(([names, builtin]) => names.split(" ").map((name): [string, Builtin] => [name, builtin])),
);
