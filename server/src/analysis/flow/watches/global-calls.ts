/** Watch: what is handed to functions that the verifier looks at by themselves fits what they are declared to take. */

import { contextNames } from "../../for-rules/context-types.ts";
import { nameOf, pointee, readType } from "../ctypes.ts";
import type { Routine } from "../routine.ts";
import type { Value } from "../values.ts";
import { isConstant } from "../values.ts";
import type { CallEvent, On, Walk, Watch } from "../watch.ts";

export const globalCalls: Watch<undefined> = {
  name: "global calls",
  start: () => undefined,
  call: (event, on) => {
    if (event.routine === undefined || !isPlain(event.routine)) return undefined;
    for (let i = 0; i < event.args.length; i++) check(event, i, on);
    return undefined;
  },
};

/**
 * The compiler keeps it as a function, and nothing says more of its arguments than their types do: that stands behind
 * their names.
 */
function isPlain({ head, text }: Routine): boolean {
  return /noinline|weak\b/.test(head) && !/__arg_|btf_decl_tag/.test(text.slice(0, text.indexOf("{")));
}

function check({ call, routine, args }: CallEvent, i: number, on: On<undefined>): void {
  const [param, arg, node] = [routine?.params[i], args[i], call.args[i]];
  if (param === undefined || arg === undefined || node === undefined || /__arena/.test(param.type)) return;
  const { walk, path } = on;
  const { types } = walk.model;
  const type = types.behind(readType(param.type, types));
  if (type.kind !== "pointer") return;
  const to = pointee(type, types);
  const pointed = nameOf(to);
  const size = types.layout(to)?.size;
  // What is void, or only declared, is refused wherever it is called from.
  if (pointed === "" || pointed === "void" || size === undefined) return;
  const how = misfit(arg, { pointed, size, isConst: /\bconst\b/.test(param.type) }, walk);
  if (how === undefined) return;
  walk.report(path, {
    kind: "global call",
    span: { start: node.start, end: node.end },
    about: call.name,
    node,
    facts: {
      how,
      parameter: param.name,
      type: pointed,
      size,
      has: sizeBehind(arg, walk),
      isOnStack: arg.kind === "pointer" && arg.thing.kind === "variable",
    },
  });
}

interface Wanted {
  readonly pointed: string;
  readonly size: number;
  readonly isConst: boolean;
}

/** As btf_check_func_arg_match() of linux:kernel/bpf/verifier.c has it. */
function misfit(arg: Value, { pointed, size, isConst }: Wanted, walk: Walk): string | undefined {
  // NULL is a pointer to any memory.
  if (arg.kind === "number") return isConstant(arg) && arg.low !== 0 ? "number" : undefined;
  if (arg.kind !== "pointer") return undefined;
  const context = contextOf(walk);
  const { kind, name } = arg.thing;
  if (/^(?:struct )?(?:bpf_dynptr\w*|bpf_user_pt_regs_t)$/.test(pointed)) return undefined;
  if (pointed.startsWith("struct ") && contextNames(walk.kb).has(pointed.slice(7))) {
    // Of another type of programs it is memory like any other.
    if (context === undefined || pointed !== `struct ${context}`) return undefined;
    if (kind === "context") return arg.offset !== 0 || arg.added.length > 0 ? "moved context" : undefined;
    return kind === "variable" || kind === "map value" || kind === "global" ? "no context" : undefined;
  }
  if (kind === "context") return context === undefined ? undefined : "context";
  if (kind === "global" && !isConst && walk.model.globals.some((one) => one.name === name && one.kind === "rodata"))
    return "constant";
  const has = sizeBehind(arg, walk);
  return has !== undefined && has < size ? "short" : undefined;
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

/** `__sk_buff`; undefined where the file does not tell what the program is given. */
function contextOf({ root: { meaning }, kb }: Walk): string | undefined {
  return kb.facts.programTypes.find(({ name }) => name === meaning?.kind.progType)?.context;
}
