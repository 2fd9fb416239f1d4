/** Rule: a value of a map that is written back to where it is. */

import { removeLines } from "../edits.ts";
import { callsNamed } from "../for-rules/calls.ts";
import { functionHas } from "../for-rules/function-text.ts";
import type { BpfFunction, BpfModel, Call, MapFacts } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";
import { comparePositions, type Range } from "../text.ts";

export const selfUpdate: Rule = {
  meta: {
    id: "self-update",
    group: "better ways",
    summary: "A value of a map that is written back to where it is",
    rationale: `\`bpf_map_lookup_elem()\` returns a pointer into the map: what the program writes there is in the map at once.
\`bpf_map_update_elem()\` with that very pointer copies the value over itself. In an array that is wasted time; a hash table takes
a new element, copies the value and puts it in the place of the old one, which is slow and loses what another CPU has added to
the old one meanwhile.

In a hash table the call does one thing more: it brings the element back if somebody has deleted it since the lookup. Where that is
wanted, allow the rule there.`,
    severity: "info",
    fix: "unsafe",
    unnecessary: true,
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("tracepoint/sched/sched_process_exit")
int on_exit(void *ctx)
{
	__u32 uid = bpf_get_current_uid_gid();
	__u64 *count = bpf_map_lookup_elem(&counts, &uid);

	if (!count)
		return 0;
	*count += 1;
	bpf_map_update_elem(&counts, &uid, count, BPF_ANY);
	return 0;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("tracepoint/sched/sched_process_exit")
int on_exit(void *ctx)
{
	__u32 uid = bpf_get_current_uid_gid();
	__u64 *count = bpf_map_lookup_elem(&counts, &uid);

	if (!count)
		return 0;
	*count += 1;
	return 0;
}`,
      },
    ],
  },

  *check({ model }: RuleContext): Iterable<Report> {
    const updates = callsNamed(UPDATE, model).filter((call) => call.closed && call.args.length === 4);
    if (updates.length === 0 || model.redefines(UPDATE) || model.redefines(LOOKUP)) return;
    for (const update of updates) {
      const [mapArg, key, value] = update.args;
      const map = mapArg?.map;
      const { in: fn } = update;
      // What a map of sockets or of maps gives is no place in it.
      if (!HOLDS_VALUES.test(map?.type ?? "")) continue;
      if (map === undefined || key === undefined || value === undefined || fn === undefined) continue;
      if (
        !/^[A-Za-z_]\w*$/.test(value.text) ||
        !isOwnElement({ update, fn, map, key: key.text, pointer: value.text }, model)
      )
        continue;
      yield {
        range: update.range,
        message: `${value.text} points into map ${map.name}, so what was written there is in it: this copies it over itself`,
        fixes: fixesFor(update.range, model),
      };
    }
  },
};

const HOLDS_VALUES = /^BPF_MAP_TYPE_(?:(?:LRU_)?(?:PERCPU_)?HASH|(?:PERCPU_)?ARRAY|LPM_TRIE)$/;
const UPDATE = "bpf_map_update_elem";
const LOOKUP = "bpf_map_lookup_elem";

interface Candidate {
  readonly update: Call;
  readonly fn: BpfFunction;
  readonly map: MapFacts;
  readonly key: string;
  readonly pointer: string;
}

const GOTO = /\bgoto\b/;

/** Whether the pointer is what the map gave for this key, whatever way led here, and the key is still the same. */
function isOwnElement({ update, fn, map, key, pointer }: Candidate, model: BpfModel): boolean {
  const { code } = model;
  const [, variable] = /^&\s*([A-Za-z_]\w*)$/.exec(key) ?? [];
  // Only the file's own loops and jumps are seen; a label may be reached from anywhere.
  if (variable === undefined || functionHas(fn, GOTO)) return false;
  const locals = code.locals(fn);
  // A name that is declared twice is two variables.
  const isPlain = [pointer, variable].every((name) => locals.filter(({ text }) => text === name).length === 1);
  if (!isPlain || code.loops().some(({ bodyRange }) => isWithin(update.range, bodyRange))) return false;
  const lookups = callsNamed(LOOKUP, model).filter((call) => call.in === fn && isAssignedTo(pointer, call, model));
  const given = assignments(pointer, fn, model);
  if (lookups.length === 0 || given !== lookups.length) return false;
  if (!lookups.every(({ args }) => args[0]?.map?.name === map.name && args[1]?.text === key)) return false;
  if (!lookups.every(({ range }) => comparePositions(range.end, update.range.start) < 0)) return false;
  return !isTouched(variable, lookups[0]?.range.end ?? fn.range.start, update, model);
}

/** `count = bpf_map_lookup_elem(…)`, with a cast or as an initialiser. */
function isAssignedTo(pointer: string, { range: { start } }: Call, { code }: BpfModel): boolean {
  const before = code.textOf({ start: { line: Math.max(0, start.line - 1), character: 0 }, end: start });
  return new RegExp(`(?<![.>\\w])${pointer}\\s*=\\s*(?:\\([^()]*\\)\\s*)?$`).test(before);
}

function assignments(name: string, fn: BpfFunction, { code }: BpfModel): number {
  const changes = new RegExp(
    `(?<![.>\\w*])${name}\\s*(?:=(?!=)|[-+]=|\\+\\+|--)|(?:\\+\\+|--)\\s*${name}\\b|&\\s*${name}\\b(?!\\s*(?:->|\\[))`,
    "g",
  );
  const declared = code
    .textOf(fn.range)
    .match(new RegExp(`\\*\\s*${name}\\s*=(?!=)\\s*(?:\\([^()]*\\)\\s*)?${LOOKUP}\\b`, "g"));
  return (code.textOf(fn.range).match(changes)?.length ?? 0) + (declared?.length ?? 0);
}

/** Whether the key may have another value by then. Other lookups and updates only read it. */
function isTouched(key: string, from: Range["start"], update: Call, { code, calls }: BpfModel): boolean {
  const between = { start: from, end: update.range.start };
  const readers = calls.filter(
    (call) => /^bpf_map_(?:lookup|update|delete)_elem$/.test(call.name) && isWithin(call.range, between),
  );
  return code
    .uses(key)
    .some(
      ({ range }) =>
        isWithin(range, between) && !readers.some((reader) => isWithin(range, reader.range)) && !isRead(range, code),
    );
}

/** Used for its value alone: neither assigned nor handed over by its address. */
function isRead({ start, end }: Range, { lines }: BpfModel["code"]): boolean {
  const text = lines.textOf(start.line);
  return (
    !/(?:&|\+\+|--)\s*$/.test(text.slice(0, start.character)) &&
    !/^\s*(?:=(?!=)|[-+*/%&|^]=|<<=|>>=|\+\+|--|\.|\[)/.test(text.slice(end.character))
  );
}

function isWithin(inner: Range, outer: Range): boolean {
  return comparePositions(outer.start, inner.start) <= 0 && comparePositions(inner.end, outer.end) <= 0;
}

/** Where the call stands alone on its line, in a block. */
function fixesFor(range: Range, model: BpfModel): readonly Fix[] {
  const { lines } = model.code;
  const before = lines.textOf(range.start.line).slice(0, range.start.character);
  const behind = lines.textOf(range.end.line).slice(range.end.character);
  const above = lines.textOf(range.start.line - 1).trim();
  // Behind `if (x)` it is all there is to do.
  const isAlone =
    /^\s*(?:\(void\)\s*)?$/.test(before) &&
    /^\s*;\s*(?:\/\/.*|\/\*.*\*\/\s*)?$/.test(behind) &&
    /[;{}]$|\*\/$|^$/.test(above);
  return isAlone ? [{ title: "Remove the call", edits: [removeLines(range, model)] }] : [];
}
