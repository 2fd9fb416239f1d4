/** Watch: what is a number to the verifier, an address that a probe was given or has fetched, is not followed. */

import type { KfuncFact, Param } from "../../knowledge/types.ts";
import { resultType } from "../calls.ts";
import { type CType, numberType, readType } from "../ctypes.ts";
import { isPlain } from "../loads.ts";
import { type Around, parentsOf } from "../parents.ts";
import type { CallExpression, Expression } from "../tree.ts";
import type { NumberValue, Source, Thing, Value } from "../values.ts";
import type { On, Trouble, Walk, Watch } from "../watch.ts";

type Here = On<undefined>;

export const raw: Watch<undefined> = {
  name: "raw",
  start: () => undefined,
  access: ({ pointer, node, isWrite, size, field }, on) => {
    const isConstant = pointer.kind === "number" && isMadeUp(pointer);
    const source = plainSource(pointer, on);
    if (!isConstant && source === undefined) return;
    // What such a macro fetches may be an array, which is on the stack then.
    const isUntyped = pointer.kind === "number" && pointer.width === undefined;
    if (source !== undefined && field === "" && (isUntyped || (COPIES.test(source.name) && !isAsked(pointer, on))))
      return;
    const { body } = on.path.frame.routine;
    const parents = parentsOf(node, body);
    // Of a field whose type the file does not know it may be the address that is wanted: `task->comm`.
    if (!isWrite && size === undefined && !isWanted(node, parents, on)) return;
    if (pointer.kind === "number" && isConstant) tellConstant(pointer, node, isWrite, on);
    if (source === undefined) return;
    const isMember = field !== "" || node.kind !== "member";
    const chain = isWrite || !isMember ? undefined : chainOf(node, parents, on);
    on.walk.report(on.path, {
      kind: "raw followed",
      span: { start: node.start, end: node.end },
      about: source.name,
      node,
      thing: pointer.kind === "pointer" ? pointer.thing : undefined,
      facts: {
        isWrite,
        origin: source.kind,
        from: source.from,
        isHere: on.path.frame.site === undefined && on.path.frame.routine.fn !== undefined,
        ...chain,
      },
      story: storyOf(source),
    });
  },
  call: ({ call, args, helper, kfunc }, on) => {
    if (kfunc !== undefined) kfuncGiven(kfunc, call, args, on);
    if (helper === undefined) return undefined;
    for (let i = 0; i < args.length; i++) {
      const arg = args[i];
      const node = call.args[i];
      const param = helper.params[i];
      if (arg !== undefined && node !== undefined && param?.kind !== undefined && POINTERS.has(param.kind))
        given(arg, node, param, call.name, on);
    }
    return undefined;
  },
};

/** Nobody asks an array whether it is NULL. */
function isAsked(pointer: Value, { path }: On<undefined>): boolean {
  return pointer.kind === "pointer" && path.nullness.get(pointer.thing.id) === "never";
}

/** A constant, or a sum of one and of sizes that the compiler knows. */
function isMadeUp({ low, high, operator, operands, source }: NumberValue): boolean {
  if (low === high) return Number.isFinite(low);
  if (operator === "+") return operands.every((one) => one.kind === "number" && isMadeUp(one));
  return operator === undefined && source?.kind === "global" && source.name.startsWith("sizeof ");
}

/** An address that the program itself makes up, NULL above all, leads nowhere. */
function tellConstant({ low, high }: NumberValue, node: Expression, isWrite: boolean, on: On<undefined>): void {
  if (hasArena(on.walk)) return;
  on.walk.report(on.path, {
    kind: "constant followed",
    span: { start: node.start, end: node.end },
    about: "",
    node,
    facts: { value: low === high ? low : undefined, isWrite },
  });
}

/** Endings of names by which a kfunc takes a number as well. */
const ANY = /__(?:ign|k)$/;

/** An address that the program makes up is no pointer, whatever the kfunc does with it. */
function kfuncGiven(
  { params }: KfuncFact,
  { args: nodes, name }: CallExpression,
  args: readonly Value[],
  on: Here,
): void {
  params?.forEach((param, i) => {
    const [arg, node] = [args[i], nodes[i]];
    if (arg?.kind !== "number" || node === undefined || !param.type.endsWith("*") || ANY.test(param.name)) return;
    // NULL has its own rule, because it may be right.
    if (arg.low !== arg.high || !Number.isFinite(arg.low) || arg.low === 0 || hasArena(on.walk)) return;
    on.walk.report(on.path, {
      kind: "constant followed",
      span: { start: node.start, end: node.end },
      about: "",
      node,
      facts: { value: arg.low, to: name },
    });
  });
}

/** Kinds of arguments that must point to something of which the verifier knows what it is. */
const POINTERS: ReadonlySet<string> = new Set(["memory", "key", "value", "kernel pointer", "socket"]);

function given(arg: Value, node: Expression, param: Param, callee: string, on: On<undefined>): void {
  const isObject = param.kind === "kernel pointer" || param.kind === "socket";
  const known = plainSource(arg, on);
  const memory = known === undefined && !isObject && param.written !== true ? kernelMemory(arg, on) : undefined;
  const source = known ?? memory ?? (param.kind === "kernel pointer" ? untrustedSource(arg) : undefined);
  if (source === undefined || COPIES.test(source.name)) return;
  on.walk.report(on.path, {
    kind: "raw given",
    span: { start: node.start, end: node.end },
    about: source.name,
    node,
    thing: arg.kind === "pointer" ? arg.thing : undefined,
    facts: {
      origin: source.kind,
      callee,
      isMemory: memory !== undefined,
      isUntrusted: arg.kind === "pointer" && arg.thing.kind === "kernel",
    },
    story: storyOf(source),
  });
}

/** Attached to functions: what these are given is not known to be there still. */
const TO_FUNCTIONS: ReadonlySet<string> = new Set(["BPF_TRACE_FENTRY", "BPF_TRACE_FEXIT", "BPF_MODIFY_RETURN"]);

/**
 * Helpers read no memory of what such a program is given; programs may, field by field. Of what a helper gives, as
 * bpf_get_current_task_btf(), they do: there a field of which the file does not tell the type may be an array.
 */
function kernelMemory(value: Value, { walk: { root } }: On<undefined>): Source | undefined {
  if (value.kind !== "pointer" || value.thing.kind !== "kernel" || root.isFunction) return undefined;
  if (!TO_FUNCTIONS.has(root.meaning?.kind.attachType ?? "")) return undefined;
  const { source } = value.thing;
  return beginning(source).kind === "parameter" ? source : undefined;
}

/** Of what the kernel's structures lead to: what was gone out from. */
function beginning(source: Source): Source {
  return source.kind === "load" && source.from === "kernel" && source.of !== undefined ? beginning(source.of) : source;
}

/** By these a number becomes a pointer that may be followed, and no more. */
function untrustedSource(value: Value): Source | undefined {
  if (value.kind !== "pointer" || value.thing.kind !== "kernel") return undefined;
  return /^bpf_(?:rdonly|core)_cast$/.test(value.thing.source.name) ? value.thing.source : undefined;
}

function storyOf({ kind, span }: Source): NonNullable<Trouble["story"]> {
  if (kind === "parameter" || span.end === 0) return [];
  return [{ span, message: "what comes from here is not known to the verifier as a pointer" }];
}

const COPIES = /^BPF_(?:CORE|PROBE)_READ/;

/** Where a value comes from that surely is a number to the verifier; undefined for everything else. */
function plainSource(value: Value, on: On<undefined>): Source | undefined {
  if (value.kind === "pointer")
    return value.thing.kind === "raw" || isKeptByFile(value.thing, on) ? value.thing.source : undefined;
  if (value.kind !== "number" || hasArena(on.walk)) return undefined;
  if (value.low === value.high) return undefined;
  return sourceOf(value, on, 0);
}

/**
 * What another run of a program left in a variable of the file comes back as a number, whatever it was. Of a static variable
 * clang may know what it has; what this run wrote there is not read anew.
 */
function isKeptByFile({ kind, nullness, source }: Thing, { walk }: On<undefined>): boolean {
  if (kind !== "other" || source.kind !== "global" || nullness !== "unknown" || hasArena(walk)) return false;
  const global = walk.model.globals.find(({ name }) => name === source.name);
  return global !== undefined && global.kind === "bss" && global.bounds === "" && PLAIN_POINTER.test(global.type);
}

/** Without a word that says more, as `__kptr` does. */
const PLAIN_POINTER = /^(?:volatile )?(?:const )?(?:struct |unsigned )?[a-z_]\w*(?: long| int| char)? ?\*$/;

/** Addresses in an arena are numbers that may be followed. */
function hasArena({ model }: Walk): boolean {
  return model.code.mentions("__arena") || model.maps.some(({ type }) => type === "BPF_MAP_TYPE_ARENA");
}

const MAX_DEPTH = 4;
const MOVES: ReadonlySet<string> = new Set(["+", "-", "&", "cast"]);

/** Of a calculated number each part must be one. */
function sourceOf(value: NumberValue, on: On<undefined>, depth: number): Source | undefined {
  const { operator, operands, source } = value;
  if (operator === undefined) return source !== undefined && isNumber(value, source, on) ? source : undefined;
  if (!MOVES.has(operator) || depth > MAX_DEPTH) return undefined;
  let found: Source | undefined;
  for (const operand of operands) {
    if (operand.kind !== "number") return undefined;
    if (operand.low === operand.high) continue;
    const from = sourceOf(operand, on, depth + 1);
    if (from === undefined) return undefined;
    found ??= from;
  }
  return found;
}

function isNumber({ width }: NumberValue, { kind, name, from }: Source, { walk }: On<undefined>): boolean {
  const { root, kb, model } = walk;
  switch (kind) {
    case "call":
      return kb.helper(name)?.result === "number" && model.routine(name) === undefined;
    case "parameter":
      return REGISTERS.test(root.routine.fn?.macro ?? "");
    case "load":
      if (from === "context")
        return isPlain(root.meaning) ? width !== undefined || takesRegisters(walk) : isNumberField(name, walk);
      return width === 8 && (from === "map value" || from === "packet");
    default:
      return false;
  }
}

const REGISTERS = /^BPF_(?:KPROBE|KRETPROBE|UPROBE|URETPROBE|KSYSCALL|KPROBE_SYSCALL|USDT)$/;

/** A field of a context of which all is known. */
function isNumberField(name: string, { root, kb }: Walk): boolean {
  const type = /\bstruct\s+(\w+)/.exec(root.routine.params[0]?.type ?? "")?.[1];
  const field = type && kb.context(type)?.fields.find((one) => `.${one.name}` === name);
  return field !== undefined && field !== "" && field.pointer === undefined;
}

function takesRegisters({ root }: Walk): boolean {
  return /\bpt_regs\b/.test(root.routine.params[0]?.type ?? "");
}

/** Whether it is surely the value that is wanted, of something that may be an array for all that the file tells. */
function isWanted(node: Expression, parents: readonly Around[], on: On<undefined>): boolean {
  let inner: Around = node;
  for (const parent of parents) {
    const answer = wants(parent, inner, on);
    if (answer !== "as outside") return answer;
    inner = parent;
  }
  return false;
}

function wants(parent: Around, inner: Around, on: On<undefined>): boolean | "as outside" {
  switch (parent.kind) {
    case "member":
    case "update":
    case "if":
    case "while":
    case "do":
    case "for":
    case "switch":
      return true;
    case "index":
      return parent.index === inner ? true : "as outside";
    case "unary":
      return parent.operator === "+" ? "as outside" : parent.operator !== "&";
    case "binary":
      if (parent.operator === ",") return parent.right === inner ? "as outside" : false;
      // To an array something is added behind it: `skb->head + skb->mac_header`.
      if (parent.operator === "+" && parent.right === inner && parent.left.kind !== "number") return true;
      return parent.operator === "+" || parent.operator === "-" ? "as outside" : true;
    case "conditional":
      return parent.test === inner ? true : "as outside";
    case "assignment":
      if (parent.left === inner || (parent.operator !== undefined && !/[-+]/.test(parent.operator))) return true;
      return holdsValue(on.walk.typeOf(parent.left, on.path), on.walk);
    case "declaration":
      return parent.dimensions.length === 0 && holdsValue(readType(parent.type, on.walk.model.types), on.walk);
    case "cast":
      return isNumberType(readType(parent.type, on.walk.model.types), on.walk);
    case "return":
      return isNumberType(readType(resultType(on.path.frame.routine), on.walk.model.types), on.walk);
    case "call":
      return takesValue(parent, inner, on);
    default:
      return false;
  }
}

function isNumberType(type: CType, { model }: Walk): boolean {
  return model.types.behind(type).kind !== "pointer" && numberType(type, model.types).width !== undefined;
}

/** A number, or a pointer to a structure: what an array of bytes is not put into. */
function holdsValue(type: CType, walk: Walk): boolean {
  const plain = walk.model.types.behind(type);
  if (plain.kind !== "pointer") return isNumberType(type, walk);
  const to = plain.to && walk.model.types.behind(plain.to);
  return to !== undefined && ((to.kind === "tagged" && to.tag !== "enum") || to.kind === "record");
}

const LOOKED_INTO = /^(?:__builtin_)?mem(?:cpy|move|cmp)$/;
const TAKEN_AS_NUMBER = /^(?:(?:un)?likely|__builtin_expect|(?:__)?bpf_(?:hton|ntoh)[sl]|__builtin_bswap\d+)$/;

function takesValue(call: CallExpression, inner: Around, { walk }: On<undefined>): boolean {
  const i = call.args.indexOf(inner as Expression);
  if (i < 0) return false;
  const { name } = call;
  if (TAKEN_AS_NUMBER.test(name)) return true;
  if (LOOKED_INTO.test(name)) return i < 2;
  if (name === "bpf_printk") return printsNumber(call.texts[0] ?? "", i - 1);
  const routine = walk.model.routine(name);
  if (routine !== undefined) {
    const type = routine.params[i]?.type;
    return type !== undefined && holdsValue(readType(type, walk.model.types), walk);
  }
  const param = walk.kb.helper(name)?.params[i];
  return param !== undefined && (param.kind === "size" || isNumberType(readType(param.type, walk.model.types), walk));
}

function printsNumber(format: string, i: number): boolean {
  const conversions = [...format.matchAll(/%[-+ #0]*\d*(?:hh?|ll?|z)?([a-zA-Z%])/g)].filter(([, c]) => c !== "%");
  return /^[diuxX]$/.test(conversions[i]?.[1] ?? "");
}

/** `a->b->c` as a macro of libbpf's reads it: from `a`, one field an arrow. */
interface Chain {
  readonly baseStart: number;
  readonly baseEnd: number;
  /** `b, c` */
  readonly fields: string;
  /** Where the last of them ends. */
  readonly end: number;
}

/** Undefined where no arrow is followed. */
function chainOf(node: Expression, parents: readonly Around[], on: On<undefined>): Chain | undefined {
  const first = firstLink(node);
  if (first === undefined) return undefined;
  const links = [{ text: first.text, end: node.end }];
  let top: Expression = node;
  let above = 0;
  for (const parent of parents) {
    if (parent.kind !== "member" || parent.of !== top) break;
    const last = links.at(-1);
    if (parent.isArrow) links.push({ text: parent.name, end: parent.end });
    else if (last !== undefined) links[links.length - 1] = { text: `${last.text}.${parent.name}`, end: parent.end };
    top = parent;
    above++;
  }
  // The last may be an array, whose address is all that is wanted.
  const outside = parents.slice(above);
  const isKnown = isNumberType(on.walk.typeOf(top, on.path), on.walk);
  const isAddress = outside[0]?.kind === "unary" && outside[0].operator === "&";
  if (isAddress || isChanged(top, outside[0]) || !(isKnown || isWanted(top, outside, on))) links.pop();
  const last = links.at(-1);
  if (last === undefined) return undefined;
  const { base } = first;
  return { baseStart: base.start, baseEnd: base.end, fields: links.map(({ text }) => text).join(", "), end: last.end };
}

function isChanged(top: Expression, parent: Around | undefined): boolean {
  return parent?.kind === "update" || (parent?.kind === "assignment" && parent.left === top);
}

/** `b.c[1]` of `a->b.c[1]`. */
function firstLink(node: Expression): { readonly base: Expression; readonly text: string } | undefined {
  if (node.kind === "index") {
    const inner = firstLink(node.of);
    const { index } = node;
    if (inner === undefined || index.kind !== "number" || index.value === undefined) return undefined;
    return { base: inner.base, text: `${inner.text}[${index.value}]` };
  }
  if (node.kind !== "member") return undefined;
  if (node.isArrow) return { base: node.of, text: node.name };
  const inner = firstLink(node.of);
  return inner && { base: inner.base, text: `${inner.text}.${node.name}` };
}
