/** Watch: what programs and callbacks return is what the verifier lets them return, and they return something. */

import { perModel } from "../../for-rules/per-model.ts";
import { allowancesFor } from "../../knowledge/supports.ts";
import type { BpfModel } from "../../model.ts";
import { resultType } from "../calls.ts";
import type { Path } from "../path.ts";
import type { Routine } from "../routine.ts";
import type { NumberValue, ThingKind, Value } from "../values.ts";
import type { LeaveEvent, On, Root, Walk, Watch } from "../watch.ts";

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
  leave: (event, on) => {
    const { routine, value, isLast } = event;
    const isProgram = isLast && !on.walk.root.isFunction;
    if (value === undefined) {
      if (isProgram) missing(event, on);
      return;
    }
    const ranges = isLast ? on.slot : callbackRanges(routine.name, on.walk.model);
    if (ranges.length > 0) judge(event, value, ranges, on);
  },
};

function judge({ at, routine }: LeaveEvent, value: Value, ranges: Ranges, { walk, path }: On<Ranges>): void {
  const is = whatIsReturned(value, path, walk);
  if (is === undefined || ranges.some(({ low, high }) => !isOutside(is, low, high))) return;
  const [first] = ranges;
  if (first === undefined) return;
  const low = Math.min(...ranges.map((range) => range.low));
  const high = Math.max(...ranges.map((range) => range.high));
  const node = at.of;
  const { whose, since } = first;
  const facts = { low, high, whose, since, from: is.low, to: is.high, isKnown: is.isKnown, source: is.source };
  walk.report(path, { kind: "returned", span: node ?? at.span, about: routine.name, node, facts });
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
  if (Number.isFinite(low) && Number.isFinite(high)) return { low, high, isKnown: true, source: undefined };
  // A number that is only as wide as its type is what it was before.
  return operator === "cast" && operands[0] !== undefined ? whatIsReturned(operands[0], path, walk) : undefined;
}

/** Where a number comes from of which the verifier knows no more than how wide it is. */
function openSource({ id, operator, source }: NumberValue, path: Path, { kb }: Walk): string | undefined {
  if (operator !== undefined || source === undefined || path.bounds.has(id)) return undefined;
  if (source.kind === "call") return kb.helper(source.name)?.result === "number" ? `${source.name}()` : undefined;
  return source.kind === "load" && source.from !== undefined && OPEN.has(source.from) ? source.name : undefined;
}

function rangesOf({ root, kb, model }: Walk): Ranges {
  const { meaning, routine, isFunction } = root;
  if (isFunction) return callbackRanges(routine.name, model);
  if (meaning === undefined) return [];
  const { kind, word } = meaning;
  if (kind.attachType === "BPF_LSM_MAC") return securityRanges(root, word);
  const known = kb.programType(kind.progType)?.returns ?? [];
  return allowancesFor(known, kind)
    .filter(({ until }) => until === undefined)
    .map(({ low, high, since }) => ({ low, high, since, whose: "program" }));
}

/** Hooks of which bpf_lsm_get_retval_range() of linux:kernel/bpf/bpf_lsm.c says that they return 0 or 1. */
const YES_OR_NO = /\/(?:xfrm_state_pol_flow_match|audit_rule_known|inode_xattr_skipcap)$/;

/** Hooks that return nothing are not looked at; which they are the file does not tell, but nobody returns an error there. */
function securityRanges({ routine }: Root, word: string): Ranges {
  const section = routine.fn?.section?.name ?? word;
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
