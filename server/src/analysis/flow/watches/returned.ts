/** Watch: what programs and callbacks return is what the verifier lets them return, and they return something. */

import { perModel } from "../../for-rules/per-model.ts";
import { programMeaning } from "../../knowledge/loaders.ts";
import { allowancesFor } from "../../knowledge/supports.ts";
import type { BpfModel } from "../../model.ts";
import type { Span } from "../../text.ts";
import { resultType } from "../calls.ts";
import { handledBy } from "../handlers.ts";
import type { Path } from "../path.ts";
import type { Routine } from "../routine.ts";
import type { Expression } from "../tree.ts";
import type { NumberValue, PointerValue, ThingKind, Value } from "../values.ts";
import type { CallEvent, LeaveEvent, On, Root, Trouble, Walk, Watch } from "../watch.ts";

/** What may be returned, by whom, and the first kernel that looks. */
interface Range {
  readonly low: number;
  readonly high: number;
  readonly whose: "program" | "callback" | "later callback";
  readonly since: string;
}

/** All that a program may return; one number within any of them is fine. */
type Ranges = readonly Range[];

export const returned: Watch<Ranges> = {
  name: "returned",
  start: (walk) => rangesOf(walk),
  call: (event, on) => {
    if (event.name === "bpf_throw" && on.slot.length > 0) thrown(event, on);
    return undefined;
  },
  leave: (event, on) => {
    const { routine, value, isLast } = event;
    const isProgram = isLast && !on.walk.root.isFunction;
    if (value?.kind === "pointer") {
      pointerReturned(event, value, isProgram, on);
      return;
    }
    if (value === undefined) {
      if (isProgram) missing(event, on);
      return;
    }
    const ranges = isLast ? on.slot : callbackRanges(routine.name, on.walk.model);
    const node = event.at.of;
    if (ranges.length > 0) judge({ node, span: node ?? event.at.span, name: routine.name }, value, ranges, on);
  },
};

/** What is thrown the program returns, where no function of its own takes over. */
function thrown({ call, args: [value] }: CallEvent, on: On<Ranges>): void {
  const { routine, isFunction } = on.walk.root;
  const [node] = call.args;
  if (isFunction || value === undefined || node === undefined || /exception_c/.test(routine.head)) return;
  judge({ node, span: node, name: routine.name, isThrown: true }, value, on.slot, on);
}

interface Judged {
  readonly node: Expression | undefined;
  readonly span: Span;
  /** Of what is left. */
  readonly name: string;
  readonly isThrown?: boolean;
}

function judge(
  { node, span, name, isThrown = false }: Judged,
  value: Value,
  ranges: Ranges,
  { walk, path }: On<Ranges>,
): void {
  const is = whatIsReturned(value, path, walk);
  if (is === undefined || ranges.some(({ low, high }) => !isOutside(is, low, high))) return;
  const [first] = ranges;
  if (first === undefined) return;
  const low = Math.min(...ranges.map((range) => range.low));
  const high = Math.max(...ranges.map((range) => range.high));
  const { whose, since } = first;
  const facts = {
    low,
    high,
    whose,
    since,
    from: is.low,
    to: is.high,
    isKnown: is.isKnown,
    source: is.source,
    isThrown,
  };
  walk.report(path, { kind: "returned", span, about: name, node, facts, story: storyOf(walk) });
}

/** For whom a function returns that takes over. */
function storyOf({ root, model }: Walk): NonNullable<Trouble["story"]> {
  const { lines } = model.code;
  const programs = root.isFunction ? handledBy(root.routine.name, model) : [];
  return programs.map(({ nameRange: { start, end } }) => ({
    span: { start: lines.offsetAt(start), end: lines.offsetAt(end) },
    message: "for this program it takes over",
  }));
}

/** Of which the verifier surely knows that they are no numbers. */
const POINTERS: ReadonlySet<ThingKind> = new Set(["context", "variable", "map value", "map", "packet", "record"]);

function pointerReturned(event: LeaveEvent, value: PointerValue, isProgram: boolean, on: On<Ranges>): void {
  const { at, routine } = event;
  const { thing } = value;
  const { walk, path, slot } = on;
  if (!POINTERS.has(thing.kind) || at.of === undefined || path.isNull(thing) === "maybe") return;
  // Of what may return anything an address is as good as any other number.
  const isAsked = isProgram && slot.length > 0;
  const isOwn = thing.kind === "variable" && thing.frame === path.frame.id && !event.isLast && isKept(routine);
  if (!isAsked && !isOwn) return;
  const facts = { pointer: thing.kind, variable: thing.variable?.name, isOwn, since: slot[0]?.since };
  walk.report(path, { kind: "returned", span: at.of, about: routine.name, node: at.of, facts });
}

/** It has a stack of its own; what is inlined shares that of who calls it. */
function isKept({ head }: Routine): boolean {
  return /\b(?:__)?noinline\b/.test(head);
}

interface Returned {
  readonly low: number;
  readonly high: number;
  /** It is surely within these bounds, or else it may be all of them. */
  readonly isKnown: boolean;
  readonly source: string | undefined;
}

function isOutside({ low, high, isKnown }: Returned, least: number, most: number): boolean {
  return low > most || high < least || (!isKnown && (low < least || high > most));
}

/** Where numbers come from of which the verifier knows no more than how wide they are. */
const OPEN: ReadonlySet<ThingKind> = new Set(["context", "map value", "packet", "record"]);

function whatIsReturned(value: Value, path: Path, walk: Walk): Returned | undefined {
  if (value.kind !== "number" || value.isLoose) return undefined;
  const { operator, operands } = value;
  const { low, high } = path.boundsOf(value);
  const source = low === high ? undefined : openSource(value, path, walk);
  if (source !== undefined) return { low, high, isKnown: false, source };
  // Cut to the width of the result it may still be anything.
  const whole = operator === "cast" ? operands[0] : undefined;
  const cut = whole?.kind === "number" && walk.root.isFunction ? openSource(whole, path, walk) : undefined;
  if (cut !== undefined) return { low, high, isKnown: false, source: cut };
  if (Number.isFinite(low) && Number.isFinite(high)) return { low, high, isKnown: true, source: undefined };
  // A number that is only as wide as its type is what it was before.
  return operator === "cast" && operands[0] !== undefined ? whatIsReturned(operands[0], path, walk) : undefined;
}

/** Where a number comes from of which the verifier knows no more than how wide it is. */
function openSource({ id, operator, source }: NumberValue, path: Path, { kb, model, root }: Walk): string | undefined {
  if (operator !== undefined || source === undefined || path.bounds.has(id)) return undefined;
  if (source.kind === "parameter") return root.isFunction ? source.name : undefined;
  // What a function may have written to, that the verifier looks at by itself, is anything.
  if (source.kind === "call" && source.from === "memory")
    return model.routine(source.name) === undefined ? undefined : `what ${source.name}() wrote`;
  if (source.kind === "call") return kb.helper(source.name)?.result === "number" ? `${source.name}()` : undefined;
  return source.kind === "load" && source.from !== undefined && OPEN.has(source.from) ? source.name : undefined;
}

function rangesOf(walk: Walk): Ranges {
  const { root, model } = walk;
  if (!root.isFunction) return rangesFor(root, walk);
  return handlerRanges(root.routine.name, walk) ?? callbackRanges(root.routine.name, model);
}

/** What takes over when something is thrown returns in the place of the program that names it. */
function handlerRanges(name: string, walk: Walk): Ranges | undefined {
  const { model, kb } = walk;
  for (const program of handledBy(name, model)) {
    const routine = model.routine(program.name);
    const meaning = programMeaning(program.section.name ?? "", kb, "libbpf");
    const ranges = routine === undefined ? [] : rangesFor({ routine, meaning }, walk);
    if (ranges.length > 0) return ranges;
  }
  return undefined;
}

function rangesFor(root: Pick<Root, "routine" | "meaning">, { kb }: Walk): Ranges {
  const { meaning } = root;
  if (meaning === undefined) return [];
  const { kind, word } = meaning;
  if (kind.attachType === "BPF_LSM_MAC") return securityRanges(root, word);
  if (kind.attachType === "BPF_LSM_CGROUP" && NOTHING.test(sectionName(root, word)))
    return [{ low: 1, high: 1, since: "6.0", whose: "program" }];
  const known = kb.programType(kind.progType)?.returns ?? [];
  return allowancesFor(known, kind)
    .filter(({ until }) => until === undefined)
    .map(({ low, high, since }) => ({ low, high, since, whose: "program" }));
}

/** Hooks of which bpf_lsm_get_retval_range() of linux:kernel/bpf/bpf_lsm.c says that they return 0 or 1. */
const YES_OR_NO = /\/(?:xfrm_state_pol_flow_match|audit_rule_known|inode_xattr_skipcap)$/;

/** Hooks for sockets that return nothing: `LSM_HOOK(void, …)` of linux:include/linux/lsm_hook_defs.h. */
const NOTHING =
  /\/(?:sk_free_security|sk_clone_security|sk_getsecid|sock_graft|inet_csk_clone|inet_conn_established|req_classify_flow)$/;

function sectionName({ routine }: Pick<Root, "routine">, word: string): string {
  return routine.fn?.section?.name ?? word;
}

/** Hooks that return nothing are not looked at; which they are the file does not tell, but nobody returns an error there. */
function securityRanges(root: Pick<Root, "routine">, word: string): Ranges {
  const section = sectionName(root, word);
  const { routine } = root;
  if (/\bvoid\b/.test(resultType(routine))) return [];
  return YES_OR_NO.test(section) ? [] : [{ low: -4095, high: 0, since: "6.12", whose: "program" }];
}

/** Who calls it for each turn, or later. */
const AT_ONCE: ReadonlySet<string> = new Set([
  "bpf_loop",
  "bpf_for_each_map_elem",
  "bpf_find_vma",
  "bpf_user_ringbuf_drain",
]);
const LATER: ReadonlySet<string> = new Set(["bpf_timer_set_callback", "bpf_wq_set_callback"]);
const TURN: Ranges = [{ low: 0, high: 1, since: "5.13", whose: "callback" }];
const LATER_ON: Ranges = [{ low: 0, high: 0, since: "5.15", whose: "later callback" }];

const knownCallbacks = perModel([], () => new Map<string, Ranges>());

/** What a function may return that the kernel calls; empty for one that others call as well. */
function callbackRanges(name: string, model: BpfModel): Ranges {
  const known = knownCallbacks({ model });
  let ranges = known.get(name);
  if (ranges === undefined) {
    const sites = model.sitesOf(name);
    const isAll = (callers: ReadonlySet<string>): boolean =>
      sites.length > 0 && sites.every((site) => callers.has(site.name));
    ranges = isAll(AT_ONCE) ? TURN : isAll(LATER) ? LATER_ON : [];
    known.set(name, ranges);
  }
  return ranges;
}

/** Programs whose result nobody asks for, where the hook has none. */
const MAY_BE_VOID = /_(?:STRUCT_OPS|LSM|EXT|UNSPEC)$/;

function missing({ at, routine }: LeaveEvent, { walk, path }: On<Ranges>): void {
  const { fn } = routine;
  const { meaning } = walk.root;
  if (fn === undefined || meaning === undefined) return;
  // Assembly may return by itself.
  if (routine.graph.nodes.some(({ kind }) => kind === "assembly")) return;
  const isVoid = /\bvoid\b/.test(resultType(routine));
  if (isVoid && MAY_BE_VOID.test(meaning.kind.progType)) return;
  // What a call leaves in R0 the verifier takes for the result.
  const isBare = !hasReturn(routine) && !walk.model.calls.some((call) => call.in === fn);
  if (isVoid && !isBare) return;
  walk.report(path, {
    kind: "nothing returned",
    span: at.span,
    about: routine.name,
    facts: { isVoid, isBare, isEnd: at.isEnd, progType: meaning.kind.progType },
  });
}

function hasReturn({ graph }: Routine): boolean {
  return graph.nodes.some((node) => node.kind === "return" && node.of !== undefined);
}
