/** Rule: local variables that do not fit on the stack of 512 bytes. */

import type { Local } from "../code.ts";
import { expressionsOf, partsOf } from "../flow/graph.ts";
import type { Expression } from "../flow/tree.ts";
import { callsIn, callsTo, callsWhere } from "../for-rules/calls.ts";
import { isForBpf } from "../for-rules/file-kinds.ts";
import { functionHas } from "../for-rules/function-text.ts";
import { outlined } from "../for-rules/inlining.ts";
import { perModel } from "../for-rules/per-model.ts";
import { knownPrograms, mayBeLeftOut } from "../for-rules/runs.ts";
import { lackingSince } from "../for-rules/verdicts.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import type { Argument, BpfFunction, BpfModel, Call } from "../model.ts";
import { remembered } from "../remember.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";
import { comparePositions, containsPosition } from "../text.ts";

/** What clang keeps below for BPF, `-bpf-stack-size`; the verifier allows no more either. */
const STACK = 512;
/** Smaller variables live in registers, or nearly do. */
const LARGE = 16;

export const stackTooLarge: Rule = {
  slow: true,
  meta: {
    id: "stack-too-large",
    group: "toolchain",
    summary: "Local variables of more than 512 bytes",
    rationale: `The stack of a BPF function has 512 bytes, and clang refuses a function that needs more. On most kernels all
functions that are on the stack at one time share them. Clang says \`Looks like the BPF stack limit is exceeded. Please move
large on stack variables into BPF per-cpu array map\`. That is the usual way out: a \`BPF_MAP_TYPE_PERCPU_ARRAY\` with one
entry, whose value is the buffer. What goes to user space anyway is best written where \`bpf_ringbuf_reserve()\` says, and
what never changes can be \`static const\`.

Only variables are counted whose address a helper is given, and arrays that are volatile, because clang may do without the
others, and of variables in blocks beside each other only those of one block, because they share their place.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct event {
	__u32 pid;
	char path[1024];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_openat")
int f(struct trace_event_raw_sys_enter *ctx)
{
	struct event event = {};
	event.pid = bpf_get_current_pid_tgid() >> 32;
	bpf_probe_read_user_str(event.path, sizeof(event.path), (void *)ctx->args[1]);
	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
	return 0;
}`,
        good: `struct event {
	__u32 pid;
	char path[1024];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_openat")
int f(struct trace_event_raw_sys_enter *ctx)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event)
		return 0;
	event->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_probe_read_user_str(event->path, sizeof(event->path), (void *)ctx->args[1]);
	bpf_ringbuf_submit(event, 0);
	return 0;
}`,
        refused: { by: "clang", says: "Looks like the BPF stack limit is exceeded" },
      },
      {
        bad: `SEC("tracepoint/syscalls/sys_enter_openat")
int f(struct trace_event_raw_sys_enter *ctx)
{
	char path[300], again[300];
	bpf_probe_read_user_str(path, sizeof(path), (void *)ctx->args[1]);
	bpf_probe_read_user_str(again, sizeof(again), (void *)ctx->args[1]);
	return path[0] == again[0];
}`,
        good: `SEC("tracepoint/syscalls/sys_enter_openat")
int f(struct trace_event_raw_sys_enter *ctx)
{
	char path[200], again[200];
	bpf_probe_read_user_str(path, sizeof(path), (void *)ctx->args[1]);
	bpf_probe_read_user_str(again, sizeof(again), (void *)ctx->args[1]);
	return path[0] == again[0];
}`,
        refused: { by: "clang", says: "Looks like the BPF stack limit is exceeded" },
      },
      {
        bad: `static __noinline int inner(struct __sk_buff *skb)
{
	char text[304];

	bpf_skb_load_bytes(skb, 0, text, sizeof(text));
	return text[skb->len & 7];
}

SEC("tc")
int outer(struct __sk_buff *skb)
{
	char text[304];

	bpf_skb_load_bytes(skb, 0, text, sizeof(text));
	return text[skb->mark & 7] + inner(skb);
}`,
        good: `static __noinline int inner(struct __sk_buff *skb)
{
	char text[104];

	bpf_skb_load_bytes(skb, 0, text, sizeof(text));
	return text[skb->len & 7];
}

SEC("tc")
int outer(struct __sk_buff *skb)
{
	char text[304];

	bpf_skb_load_bytes(skb, 0, text, sizeof(text));
	return text[skb->mark & 7] + inner(skb);
}`,
        refused: { by: "kernel", says: "combined stack size of 2 calls is 608. Too large" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    if (!isForBpf(model)) return;
    const frames = new Map<BpfFunction, Frame>();
    const given = handedOver(ctx);
    for (const fn of model.functions) {
      const frame = frameOf(fn, given.get(fn) ?? NONE, model);
      if (frame === undefined) continue;
      frames.set(fn, frame);
      if (sizeOfAll(frame.perhaps) < STACK || !isMade(fn, model)) continue;
      const kept = variablesOf(frame, model).filter(({ size }) => size >= LARGE);
      const alone = kept.filter(({ size }) => size >= STACK);
      for (const { local, size } of alone)
        yield { range: local.range, message: messageFor(`${local.text} takes`, size) };
      if (alone.length === 0) yield* together(fn, kept);
    }
    yield* chains(frames, ctx);
  },
};

/** What surely lies on the stack while a function runs that others call. */
interface Chain {
  readonly fns: readonly BpfFunction[];
  readonly size: number;
}

/** What a tail call finds room for: linux:kernel/bpf/verifier.c, check_max_stack_depth_subprog(). */
const BEFORE_TAIL_CALL = 256;
/** Types that get a stack of their own for each function: bpf_enable_priv_stack() of the same file. */
const PRIVATE = /_(?:KPROBE|TRACEPOINT|PERF_EVENT|RAW_TRACEPOINT|TRACING|LSM|STRUCT_OPS)$/;
const PRIVATE_SINCE = "6.13";

/** Functions that call each other share one stack. One that clang may inline is counted as if it had no variables. */
function* chains(made: ReadonlyMap<BpfFunction, Frame>, ctx: RuleContext): Iterable<Report> {
  const { model } = ctx;
  const hasPrivate = lackingSince(PRIVATE_SINCE, ctx).length === 0;
  const programs = knownPrograms(ctx).filter(({ kind }) => !(hasPrivate && PRIVATE.test(kind.progType)));
  if (programs.length === 0) return;
  const atMost = new Map([...made].map(([fn, { perhaps }]) => [fn, sizeOfAll(perhaps) + largestLiteral(fn, ctx)]));
  if (isSmall(atMost, model)) return;
  const frames = new Map(
    [...made].flatMap(([fn, frame]) =>
      isMade(fn, model) ? [[fn, mostAlive(variablesOf(frame, model))] as const] : [],
    ),
  );
  const own = new Map([...frames].map(([fn, kept]) => [fn, sizeOfAll(kept) + largestLiteral(fn, ctx)]));
  if ([...own.values()].every((size) => size < LARGE) || isSmall(own, model)) return;
  for (const { program } of programs) {
    const { deepest, beforeTailCall } = chainsFrom(program, own, model);
    const isTooDeep = deepest.size > STACK && deepest.fns.every((fn) => (own.get(fn) ?? 0) < STACK);
    const chain = isTooDeep ? deepest : beforeTailCall;
    if (chain === undefined) continue;
    yield {
      range: program.nameRange,
      message: isTooDeep
        ? `${program.name}() and what it calls take ${chain.size} bytes, and the stack has ${STACK}: the verifier refuses it`
        : `${chain.size} bytes lie below a tail call that ${program.name}() leads to: the verifier refuses ${BEFORE_TAIL_CALL} or more`,
      related: chain.fns.flatMap((fn) =>
        (frames.get(fn) ?? []).map(({ local, size }) => ({ range: local.range, message: `${size} of them` })),
      ),
    };
  }
}

/** Whether it is not too much whoever calls whom. */
function isSmall(own: ReadonlyMap<BpfFunction, number>, model: BpfModel): boolean {
  const all = [...own.values()].reduce((sum, size) => sum + rounded(size), 0);
  return all < BEFORE_TAIL_CALL || (all <= STACK && callsTo(TAIL_CALLS, model).length === 0);
}

const NO_CHAIN: Chain = { fns: [], size: 0 };
const NONE: readonly Handed[] = [];

/** Which argument names a function, and whether that runs at once. */
const CALLBACKS: ReadonlyMap<string, { readonly at: number; readonly isLater: boolean }> = new Map([
  ["bpf_loop", { at: 1, isLater: false }],
  ["bpf_for_each_map_elem", { at: 1, isLater: false }],
  ["bpf_user_ringbuf_drain", { at: 1, isLater: false }],
  ["bpf_find_vma", { at: 2, isLater: false }],
  ["bpf_timer_set_callback", { at: 1, isLater: true }],
]);

/** What a function takes is rounded up, to 16 bytes at least: round_up_stack_depth() of the same file. */
function rounded(size: number): number {
  return Math.ceil(size / 16) * 16;
}

function chainsFrom(program: BpfFunction, own: ReadonlyMap<BpfFunction, number>, model: BpfModel) {
  let deepest = NO_CHAIN;
  let beforeTailCall: Chain | undefined;
  const best = new Map<BpfFunction, number>();
  const visit = (fn: BpfFunction, before: Chain, isCallback: boolean): void => {
    const isFrame = before.fns.length === 0 || isCallback || outlined(fn, model) !== undefined;
    const chain = isFrame ? { fns: [...before.fns, fn], size: before.size + rounded(own.get(fn) ?? 0) } : before;
    // The same function with more below it than before, and never in a circle.
    if ((best.get(fn) ?? -1) >= chain.size || before.fns.includes(fn)) return;
    best.set(fn, chain.size);
    if (chain.size > deepest.size) deepest = chain;
    for (const call of callsOnward({ model }).get(fn) ?? []) {
      if (mayBeLeftOut(call, model)) continue;
      if (isTailCall(call) && isFrame && fn !== program && before.size >= BEFORE_TAIL_CALL) beforeTailCall = before;
      const callee = byName({ model }).get(call.name);
      if (callee !== undefined && callee.section === undefined) visit(callee, chain, false);
      const place = CALLBACKS.get(call.name);
      const callback = place && byName({ model }).get(call.args[place.at]?.text ?? "");
      // What is called later begins a stack of its own.
      if (callback !== undefined) visit(callback, place?.isLater === true ? NO_CHAIN : chain, true);
    }
  };
  visit(program, NO_CHAIN, false);
  return { deepest, beforeTailCall };
}

const byName = perModel([], ({ model }) => new Map(model.functions.map((fn) => [fn.name, fn])));

/** The calls from which it goes on: few of all that a function makes. */
const callsOnward = perModel([], ({ model }) => {
  const found = new Map<BpfFunction, Call[]>();
  const functions = byName({ model });
  const leadsOn = (name: string): boolean => functions.has(name) || CALLBACKS.has(name) || TAIL_CALLS.has(name);
  for (const call of callsWhere(leadsOn, model)) {
    if (call.in === undefined) continue;
    const list = found.get(call.in);
    if (list === undefined) found.set(call.in, [call]);
    else list.push(call);
  }
  return found;
});

const TAIL_CALLS = new Set(["bpf_tail_call", "bpf_tail_call_static"]);

function isTailCall({ name }: Call): boolean {
  return TAIL_CALLS.has(name);
}

function sizeOfAll(kept: readonly Variable[]): number {
  return kept.reduce((bytes, { size }) => bytes + size, 0);
}

/** Of the variables of a block and of those around it, the most. */
function mostAlive(kept: readonly Variable[]): readonly Variable[] {
  let most: readonly Variable[] = [];
  for (const { local } of kept) {
    const alive = kept.filter((other) => containsPosition(other.local.scope, local.range.start));
    if (sizeOfAll(alive) > sizeOfAll(most)) most = alive;
  }
  return most;
}

/** What a call is given: `event` of `&event.path`, of `event`, of `(void *)event`. */
interface Handed {
  readonly name: string;
  readonly isAddress: boolean;
  readonly isAlone: boolean;
  readonly argument: Argument;
}

const HANDED = /^(?:\([^()]*\)\s*)*(&?)\s*([A-Za-z_]\w*)(.*)$/s;

/** What the kernel is given in each function, by the arguments of its helpers. */
function handedOver({ model, kb }: RuleContext): ReadonlyMap<BpfFunction, readonly Handed[]> {
  const found = new Map<BpfFunction, Handed[]>();
  for (const call of callsWhere((name) => isKernels(name, kb) && !model.redefines(name), model)) {
    if (call.in === undefined) continue;
    const handed = found.get(call.in) ?? [];
    for (const argument of call.args) {
      const read = readHanded(argument.text);
      if (read !== undefined) handed.push({ ...read, argument });
    }
    found.set(call.in, handed);
  }
  return found;
}

const readHanded = remembered((text): Omit<Handed, "argument"> | undefined => {
  const [, address, name, rest] = HANDED.exec(text) ?? [];
  if (name === undefined || (address !== "&" && rest !== "")) return undefined;
  return { name, isAddress: address === "&", isAlone: rest === "" };
});

function isKernels(name: string, kb: KnowledgeBase): boolean {
  return kb.helper(name) !== undefined || /^bpf_core_read(?:_user)?(?:_str)?$/.test(name);
}

const LITERAL = /^&\s*\(([^(){}]*)\)\s*\{/;

/** `&(int){0}`: one of those that helpers are given lies on the stack at least. */
function largestLiteral(fn: BpfFunction, { model, kb }: RuleContext): number {
  let largest = 0;
  for (const { name, args } of callsIn(fn, model))
    for (const { text } of args) {
      const type = text.startsWith("&") ? LITERAL.exec(text)?.[1] : undefined;
      const size = type === undefined || !isKernels(name, kb) ? undefined : model.layoutOf(type.trim())?.size;
      largest = Math.max(largest, size ?? 0);
    }
  return largest;
}

interface Variable {
  readonly local: Local;
  readonly size: number;
}

/** What a function may need, before anybody looks at where its variables live. */
interface Frame {
  readonly fn: BpfFunction;
  readonly handed: readonly Handed[];
  /** Variables that are named in a call, or perhaps volatile. */
  readonly perhaps: readonly Variable[];
}

/** Undefined where nothing in it is sure to have an address. */
function frameOf(fn: BpfFunction, handed: readonly Handed[], model: BpfModel): Frame | undefined {
  const mayBeVolatile = speaksOfVolatile(fn, model);
  if (handed.length === 0 && !mayBeVolatile) return undefined;
  const declared = model.code.localNames(fn);
  const names = new Set<string>();
  for (const { name } of handed) if (declared.has(name)) names.add(name);
  const perhaps: Variable[] = [];
  for (const local of names.size === 0 && !mayBeVolatile ? [] : model.code.locals(fn)) {
    if (!names.has(local.text) && !mayBeVolatile) continue;
    const size = sizeOf(local, model);
    if (size !== undefined) perhaps.push({ local, size });
  }
  return { fn, handed, perhaps };
}

/** Variables in memory, each with its size: their addresses are handed to the kernel, or every access to them is made. */
function variablesOf({ fn, handed, perhaps }: Frame, model: BpfModel): readonly Variable[] {
  const isThrough = throughVolatile(fn, model.code.locals(fn), model);
  const hasVolatile = functionHas(fn, VOLATILE);
  return perhaps.filter(({ local }) => {
    if (!isHanded(local, handed) && !(hasVolatile && isVolatile(local, model)) && !isThrough(local)) return false;
    return !ELSEWHERE.test(local.type) && !isChosen(local, model);
  });
}

/** What lies on no stack. */
const ELSEWHERE = /\b(?:static|extern|register|typedef|_Thread_local)\b/;

/** Most files have constants that are, and few functions speak of it, themselves or by a macro. */
function speaksOfVolatile(fn: BpfFunction, model: BpfModel): boolean {
  const { code } = model;
  return code.mentions("volatile") && (functionHas(fn, SPOKEN_OF) || hasVolatileMacro({ model }));
}

const SPOKEN_OF = /volatile/;

const hasVolatileMacro = perModel([], ({ model: { code } }): boolean =>
  code.directives().some(({ name, body }) => name === "define" && body.includes("volatile")),
);

/** Arrays that a pointer to something volatile goes through. */
function throughVolatile(fn: BpfFunction, locals: readonly Local[], model: BpfModel): (local: Local) => boolean {
  if (locals.every(({ dimensions }) => dimensions.length === 0) || !speaksOfVolatile(fn, model)) return () => false;
  const graph = model.routine(fn.name)?.graph;
  const through = new Set<string>();
  for (const node of graph?.nodes ?? []) {
    if (node.kind !== "declare" || !/\bvolatile\b.*\*$/.test(node.declaration.type)) continue;
    const { initialiser, name } = node.declaration;
    if (initialiser?.kind !== "name" || graph === undefined) continue;
    // One element is one variable to clang; which of many it is nobody knows here.
    if (graph.nodes.some((one) => expressionsOf(one).some((each) => isIndexedByName(each, name))))
      through.add(initialiser.name);
  }
  return ({ text, dimensions }) => dimensions.length > 0 && through.has(text);
}

function isIndexedByName(expression: Expression, name: string): boolean {
  const isHere =
    expression.kind === "index" &&
    expression.of.kind === "name" &&
    expression.of.name === name &&
    expression.index.kind === "name";
  return isHere || partsOf(expression).some((part) => isIndexedByName(part, name));
}

const VOLATILE = /\bvolatile\b/;

/**
 * Every access to it is made, and so it has a place: as a whole where it is set at once or where an index is computed; of
 * what else is named clang keeps the named parts alone.
 */
function isVolatile({ type, text, range, scope, initialiser }: Local, model: BpfModel): boolean {
  if (!VOLATILE.test(type)) return false;
  if (initialiser !== undefined) return true;
  return model.code.uses(text).some((use) => {
    if (comparePositions(use.range.start, range.end) <= 0 || !containsPosition(scope, use.range.start)) return false;
    const { line, character } = use.range.end;
    const index = /^\s*\[([^\]?]*)\]/.exec(model.code.lines.textOf(line).slice(character))?.[1];
    return index !== undefined && /[A-Za-z_]/.test(index) && model.valueOf(index) === undefined;
  });
}

/** Whether the preprocessor chooses between it, or its length, and another. */
function isChosen({ range, dimensions }: Local, { code }: BpfModel): boolean {
  if (code.compiledWhen(range).length > 0) return true;
  const names = dimensions.flatMap((dimension) => dimension.match(/[A-Za-z_]\w*/g) ?? []);
  return (
    names.length > 0 &&
    code
      .directives()
      .filter(({ name, body }) => name === "define" && names.includes(/^\w+/.exec(body)?.[0] ?? ""))
      .some((define) => code.compiledWhen(define.range).length > 0)
  );
}

function sizeOf({ type, dimensions }: Local, { layoutOf }: BpfModel): number | undefined {
  const plain = plainType(type);
  if (plain === undefined) return undefined;
  const bounds = dimensions.length === 0 ? "" : dimensions.map((dimension) => `[${dimension}]`).join("");
  return layoutOf(`${plain}${bounds}`)?.size;
}

/** Undefined for what is spelt out on the spot. */
const plainType = remembered((type) => {
  const plain = type.replace(/\b(?:const|volatile)\b\s*/g, "");
  return plain.includes("{") || plain.includes("__attribute__") ? undefined : plain;
});

/** `buffer`, `&event`, `&event.path`, `event.path`. */
function isHanded(local: Local, handed: readonly Handed[]): boolean {
  return handed.some(
    ({ name, isAddress, isAlone, argument }) =>
      name === local.text &&
      (isAddress || (isAlone && local.dimensions.length > 0)) &&
      containsPosition(local.scope, argument.range.start),
  );
}

/** A static function that nobody names is left out by clang. */
function isMade({ isStatic, section, name }: BpfFunction, { code }: BpfModel): boolean {
  return !isStatic || section !== undefined || code.uses(name).length > 1;
}

/** The most that live at one time: the variables of a block and of those around it. */
function* together({ name }: BpfFunction, kept: readonly Variable[]): Iterable<Report> {
  for (const { local } of [...kept].sort((a, b) => b.size - a.size)) {
    const alive = kept.filter((other) => containsPosition(other.local.scope, local.range.start));
    const sum = sizeOfAll(alive);
    if (sum < STACK) continue;
    yield {
      range: local.range,
      message: messageFor(`${local.text} and the other variables of ${name}() take`, sum),
      related: alive
        .filter((other) => other.local !== local)
        .map((other) => ({ range: other.local.range, message: `${other.size} of them` })),
    };
    return;
  }
}

function messageFor(what: string, size: number): string {
  return `${what} ${size} bytes, and the stack has ${STACK}; a per-CPU array or a ring buffer has room`;
}
