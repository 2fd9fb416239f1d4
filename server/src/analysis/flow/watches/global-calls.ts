/** Watch: what is handed to functions that the verifier looks at by themselves fits what they are declared to take. */

import { contextNames } from "../../for-rules/context-types.ts";
import { perModel } from "../../for-rules/per-model.ts";
import { nameOf, pointee, readType } from "../ctypes.ts";
import { isOfEachCpu } from "../loads.ts";
import { writtenIn } from "../params.ts";
import type { Path } from "../path.ts";
import type { Routine } from "../routine.ts";
import type { PointerValue, Thing, ThingKind, Value } from "../values.ts";
import { isConstant } from "../values.ts";
import type { CallEvent, On, Walk, Watch } from "../watch.ts";

/** Whether a function was called on the way, after which registers hold nothing more. */
type Slot = boolean;

export const globalCalls: Watch<Slot> = {
  name: "global calls",
  start: () => false,
  key: (slot) => (slot ? "called" : ""),
  call: (event, on) => {
    const { routine } = event;
    if (routine !== undefined && isKept(routine)) {
      const params = paramsOf(routine, on.walk);
      for (let i = 0; i < event.args.length; i++) check(event, params[i], i, on);
    }
    if (!on.slot && isRealCall(event, on.walk)) on.slot = true;
    return undefined;
  },
};

/** The compiler keeps it as a function: that stands before its name. */
function isKept({ head }: Routine): boolean {
  return /noinline|weak\b/.test(head);
}

interface Wanted {
  readonly name: string;
  /** As C writes what it points to. */
  readonly pointed: string;
  /** Undefined where the file does not tell. */
  readonly size: number | undefined;
  readonly isConst: boolean;
  /** `ctx`, `nonnull`, `trusted` … of the marks behind its name. */
  readonly marks: ReadonlySet<string>;
  /** The function does nothing with it, and clang sees that. */
  readonly isUnused: boolean;
}

const tables = perModel([], () => new Map<Routine, readonly (Wanted | undefined)[]>());

/** Undefined for what is no pointer, and for that of which the declaration says something else than C. */
function paramsOf(routine: Routine, { model }: Walk): readonly (Wanted | undefined)[] {
  const known = tables({ model });
  let params = known.get(routine);
  if (params === undefined) {
    params = readParams(routine, model.types);
    known.set(routine, params);
  }
  return params;
}

function readParams(routine: Routine, types: Walk["model"]["types"]): readonly (Wanted | undefined)[] {
  const written = writtenIn(routine);
  return routine.params.map(({ name, type: text }, i): Wanted | undefined => {
    const words = written[i] ?? "";
    const type = types.behind(readType(text, types));
    if (type.kind !== "pointer" || /__arena|btf_decl_tag/.test(`${text}${words}`)) return undefined;
    const to = pointee(type, types);
    const marks = new Set([...words.matchAll(/\b__arg_(\w+)/g)].map(([, mark = ""]) => mark));
    const isUnused = !/weak\b/.test(routine.head) && !isNamed(name, routine);
    return {
      name,
      pointed: nameOf(to),
      size: types.layout(to)?.size,
      isConst: /\bconst\b/.test(text),
      marks,
      isUnused,
    };
  });
}

function isNamed(name: string, { text }: Routine): boolean {
  return name === "" || new RegExp(`\\b${name}\\b`).test(text.slice(text.indexOf("{")));
}

function check({ call, args }: CallEvent, wanted: Wanted | undefined, i: number, on: On<Slot>): void {
  const [arg, node] = [args[i], call.args[i]];
  if (wanted === undefined || arg === undefined || node === undefined) return;
  const { walk, path } = on;
  const how = troubleWith(arg, wanted, on);
  if (how === undefined) return;
  walk.report(path, {
    kind: "global call",
    span: { start: node.start, end: node.end },
    about: call.name,
    node,
    facts: {
      how,
      parameter: wanted.name,
      type: wanted.pointed,
      size: wanted.size,
      has: sizeBehind(arg, walk),
      isOnStack: arg.kind === "pointer" && arg.thing.kind === "variable",
    },
  });
}

function troubleWith(arg: Value, wanted: Wanted, on: On<Slot>): string | undefined {
  const { path, walk } = on;
  const { marks, pointed, size } = wanted;
  if (pointed === DYNPTR) return noDynptr(arg, walk);
  if (marks.size > 0) return unmarked(arg, wanted, path, walk);
  const how = ofContext(arg, pointed, walk) ?? (size === undefined ? undefined : misfit(arg, wanted, size, walk));
  return how ?? (isDropped(arg, wanted, on) ? "unused" : undefined);
}

/** With what the program itself has called before, nothing is left where clang hands nothing over. */
function isDropped({ kind }: Value, { isUnused }: Wanted, { slot, path }: On<Slot>): boolean {
  return isUnused && slot && kind === "pointer" && path.frames.length === 1;
}

/** The verifier, or clang, knows of these that they change no register. */
const FAST = /^(?:bpf_get_smp_processor_id|bpf_cast_to_kern_ctx|bpf_rdonly_cast)$/;

function isRealCall({ helper, kfunc, routine, name }: CallEvent, { model }: Walk): boolean {
  if (FAST.test(name)) return false;
  return helper !== undefined || kfunc !== undefined || (routine !== undefined && model.routine(name) === routine);
}

const DYNPTR = "struct bpf_dynptr";
/** Where no dynptr is. */
const NO_DYNPTR: ReadonlySet<ThingKind> = new Set(["map value", "global", "packet", "context", "record", "kernel"]);

function noDynptr(arg: Value, { model }: Walk): string | undefined {
  if (arg.kind === "number") return isConstant(arg) ? "no dynptr" : undefined;
  if (arg.kind !== "pointer") return undefined;
  if (NO_DYNPTR.has(arg.thing.kind))
    return arg.thing.kind === "global" && !isOwn(arg.thing, model) ? undefined : "no dynptr";
  // What a callback is given is one as well.
  const isOne = arg.thing.type === DYNPTR || arg.thing.source.name === "bpf_user_ringbuf_drain";
  const isAlone = isOne && (arg.thing.variable?.declaration?.dimensions.length ?? 0) === 0;
  return isAlone && arg.offset !== 0 && arg.offset !== undefined ? "moved dynptr" : undefined;
}

function isOwn({ name }: Thing, { globals }: Walk["model"]): boolean {
  return globals.some((one) => one.name === name && /^(?:data|bss|rodata)$/.test(one.kind));
}

/** Kinds of things that are not the kernel's own. */
const OWN: ReadonlySet<ThingKind> = new Set(["variable", "map value", "global", "packet", "context", "record"]);

/** Of what the marks ask: the context, something that is there, an object of the kernel's. */
function unmarked(arg: Value, wanted: Wanted, path: Path, walk: Walk): string | undefined {
  const { marks, size } = wanted;
  const isNone = arg.kind === "number" && isConstant(arg) && arg.low === 0;
  const mayBeNone = isNone || (arg.kind === "pointer" && path.isNull(arg.thing) === "maybe");
  if (marks.has("ctx")) {
    if (arg.kind === "number") return isConstant(arg) ? "number" : undefined;
    if (arg.kind !== "pointer") return undefined;
    if (arg.thing.kind === "context") return isMoved(arg) ? "moved context" : undefined;
    return isElsewhere(arg) ? "no context" : undefined;
  }
  if (marks.has("trusted")) {
    if (mayBeNone) return marks.has("nullable") ? undefined : "null";
    return arg.kind === "pointer" && OWN.has(arg.thing.kind) && arg.thing.kind !== "global" ? "own" : undefined;
  }
  if (!marks.has("nonnull") || marks.size > 1) return undefined;
  if (mayBeNone) return "null";
  return size === undefined ? undefined : misfit(arg, wanted, size, walk);
}

function isMoved({ offset, added }: PointerValue): boolean {
  return offset !== 0 || added.length > 0;
}

function isElsewhere({ thing: { kind } }: PointerValue): boolean {
  return kind === "variable" || kind === "map value" || kind === "global";
}

/** As btf_check_func_arg_match() of linux:kernel/bpf/verifier.c has it. */
function ofContext(arg: Value, pointed: string, { kb, root: { context } }: Walk): string | undefined {
  if (arg.kind !== "pointer" || !isContext(pointed, kb)) return undefined;
  // Of another type of programs it is memory like any other.
  if (context === undefined || pointed !== `struct ${context}`) return undefined;
  if (arg.thing.kind === "context") return isMoved(arg) ? "moved context" : undefined;
  return isElsewhere(arg) ? "no context" : undefined;
}

function isContext(pointed: string, kb: Walk["kb"]): boolean {
  return pointed.startsWith("struct ") && contextNames(kb).has(pointed.slice(7));
}

/** What is void, or only declared, is refused wherever it is called from. */
function misfit(arg: Value, { pointed, isConst }: Wanted, size: number, walk: Walk): string | undefined {
  if (pointed === "" || pointed === "void") return undefined;
  // NULL is a pointer to any memory.
  if (arg.kind === "number") return isConstant(arg) && arg.low !== 0 ? "number" : undefined;
  if (arg.kind !== "pointer") return undefined;
  if (/^(?:struct )?(?:bpf_dynptr\w*|bpf_user_pt_regs_t)$/.test(pointed) || isContext(pointed, walk.kb))
    return undefined;
  const { kind, name } = arg.thing;
  if (kind === "context") return walk.root.context === undefined && !isTracepoint(walk) ? undefined : "context";
  if (kind === "global" && !isConst && walk.model.globals.some((one) => one.name === name && one.kind === "rodata"))
    return "constant";
  if (!isConst && isOfEachCpu(arg.thing)) return "constant";
  const has = sizeBehind(arg, walk);
  return has !== undefined && has < size ? "short" : undefined;
}

/** What it is given has a type for each tracepoint, and none of them is known to the verifier as a context. */
function isTracepoint({ root: { meaning } }: Walk): boolean {
  return meaning?.kind.progType === "BPF_PROG_TYPE_TRACEPOINT";
}

/** Bytes from where it points to the end. */
function sizeBehind(arg: Value, { model: { types } }: Walk): number | undefined {
  if (arg.kind !== "pointer" || arg.offset === undefined || arg.added.length > 0) return undefined;
  const { kind, size, variable } = arg.thing;
  if (kind === "map value" || kind === "record") return size === undefined ? undefined : size - arg.offset;
  const isWhole = kind === "variable" && variable?.declaration?.dimensions.length === 0;
  const whole = isWhole ? types.layout(readType(variable.type, types))?.size : undefined;
  return whole === undefined ? undefined : whole - arg.offset;
}
