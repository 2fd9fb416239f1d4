/** Rule: a map whose values only count, shared by all CPUs. */

import { replace } from "../edits.ts";
import { callsNamed } from "../for-rules/calls.ts";
import { type JudgedMap, mapsIn, memberOf } from "../for-rules/map-rules.ts";
import { usesOfMap } from "../for-rules/map-uses.ts";
import { programsByKind, runsOf } from "../for-rules/runs.ts";
import type { BpfModel, Call } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";
import { comparePositions, type Range } from "../text.ts";

const LOOKUP = "bpf_map_lookup_elem";
const ADD = "__sync_fetch_and_add";

export const sharedCounter: Rule = {
  meta: {
    id: "shared-counter",
    group: "better ways",
    summary: "A map that only counts, with one value for all CPUs",
    rationale: `An atomic addition to a value that all CPUs share makes them wait for each other, the longer the more packets come
at one time. In a per-CPU map every CPU has a value of its own, adds to it without an atomic operation, and user space sums
them up when it reads. It takes one value for each CPU instead of one, and \`bpf_map_lookup_elem()\` of
libbpf then fills an array with a value for each possible CPU.

Only programs that run for packets are looked at: what runs seldom has nobody to wait for. Nothing is said where a program
does anything else with the values, where the map is pinned, and where the counters are parts of a structure.`,
    severity: "hint",
    fix: "unsafe",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index;
	__u64 *seen = bpf_map_lookup_elem(&packets, &queue);

	if (seen)
		__sync_fetch_and_add(seen, 1);
	return XDP_PASS;
}`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index;
	__u64 *seen = bpf_map_lookup_elem(&packets, &queue);

	if (seen)
		*seen += 1;
	return XDP_PASS;
}`,
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    if (!programsByKind(ctx).some(({ meaning: { kind } }) => FOR_PACKETS.test(kind.progType))) return;
    if (callsNamed(ADD, model).length === 0 || model.redefines(ADD) || model.redefines(LOOKUP)) return;
    for (const map of mapsIn(ctx)) {
      const type = memberOf(map.definition, "type");
      const instead = PER_CPU.get(map.fact?.name ?? "");
      if (type === undefined || instead === undefined || !couldBePerCpu(map)) continue;
      const additions = additionsTo(map.definition.name, map.definition.nameRange, model);
      if (additions === undefined || !additions.some(({ call }) => isForPackets(call, ctx))) continue;
      yield {
        range: type.valueRange,
        message: `map ${map.definition.name} only counts: with ${instead} each CPU has a value of its own and needs no atomic addition`,
        fixes: [
          {
            title: "Count for each CPU (user space must sum up)",
            edits: [replace(type.valueRange, instead), ...additions.map(({ call, text }) => replace(call.range, text))],
          },
        ],
      };
    }
  },
};

const PER_CPU: ReadonlyMap<string, string> = new Map([
  ["BPF_MAP_TYPE_HASH", "BPF_MAP_TYPE_PERCPU_HASH"],
  ["BPF_MAP_TYPE_LRU_HASH", "BPF_MAP_TYPE_LRU_PERCPU_HASH"],
  ["BPF_MAP_TYPE_ARRAY", "BPF_MAP_TYPE_PERCPU_ARRAY"],
]);

/** One number and nothing beside it; flags may mean something else for the other type. */
function couldBePerCpu({ definition }: JudgedMap): boolean {
  const value = memberOf(definition, "value")?.value ?? "";
  const isNumber = /^(?:(?:unsigned )?(?:int|long|long long)|(?:__)?[us](?:32|64)|u?int(?:32|64)_t)$/.test(value);
  const isPlain = definition.members.every(({ name }) => /^(?:type|key|value|max_entries)$/.test(name));
  return isNumber && isPlain && definition.isWhole && !definition.isInner;
}

/** They run for every packet, on all CPUs at once; what else runs so often a file does not tell. */
const FOR_PACKETS =
  /^BPF_PROG_TYPE_(?:XDP|SCHED_CLS|SCHED_ACT|SOCKET_FILTER|CGROUP_SKB|LWT_\w+|SK_SKB|SK_MSG|NETFILTER|FLOW_DISSECTOR)$/;

function isForPackets(call: Call, ctx: RuleContext): boolean {
  return runsOf(call, ctx).some(({ kind }) => FOR_PACKETS.test(kind.progType));
}

interface Addition {
  readonly call: Call;
  /** The same without an atomic operation. */
  readonly text: string;
}

/** Every addition to a value of the map; undefined where anything else is done with it. */
function additionsTo(map: string, defined: Range, model: BpfModel): readonly Addition[] | undefined {
  const { code } = model;
  const uses = code.uses(map).filter(({ range }) => range.start.line !== defined.start.line);
  const known = usesOfMap({ name: map }, model).filter(
    ({ name, args }) => name.startsWith("bpf_map_") && args[0]?.map?.name === map,
  );
  // The other ways to reach an element, or all of them, are not followed.
  const lookups = known.filter(({ name }) => name === LOOKUP);
  const others = known.filter(({ name }) => name === "bpf_map_update_elem" || name === "bpf_map_delete_elem");
  if (lookups.length === 0 || uses.length !== lookups.length + others.length) return undefined;
  if (code.directives().some(({ body }) => new RegExp(`\\b${map}\\b`).test(body))) return undefined;
  const found: Addition[] = [];
  for (const lookup of lookups) {
    const additions = additionsBehind(lookup, model);
    if (additions === undefined) return undefined;
    found.push(...additions);
  }
  return found.length === 0 ? undefined : found;
}

/** What is added through the pointer that a lookup gives, if that is all it is used for. */
function additionsBehind(lookup: Call, model: BpfModel): readonly Addition[] | undefined {
  const { code } = model;
  const { in: fn, range } = lookup;
  const { lines } = code;
  const before = lines.textOf(range.start.line).slice(0, range.start.character);
  const [, pointer] = /(?:^|[\s*])([A-Za-z_]\w*)\s*=\s*$/.exec(before) ?? [];
  if (fn === undefined || pointer === undefined) return undefined;
  const [local, ...more] = code.locals(fn).filter(({ text }) => text === pointer);
  if (local === undefined || more.length > 0) return undefined;
  const additions = callsNamed(ADD, model).filter(
    ({ in: where, args, closed }) => where === fn && closed && args.length === 2 && args[0]?.text === pointer,
  );
  const isAddition = ({ start }: Range): boolean =>
    additions.some(({ args: [first] }) => first !== undefined && comparePositions(first.range.start, start) === 0);
  for (const use of code.uses(pointer)) {
    const isDeclared = comparePositions(use.range.start, local.range.start) === 0;
    if (use.in !== fn || isDeclared || isAddition(use.range)) continue;
    const line = lines.textOf(use.range.start.line);
    const left = line.slice(0, use.range.start.character);
    const right = line.slice(use.range.end.character);
    const isTested = /(?:\bif\s*\(|!|&&|\|\|)\s*$/.test(left) && /^\s*(?:\)|&&|\|\||[=!]=\s*(?:NULL|0)\b)/.test(right);
    const isFilled = /^\s*$/.test(left) && new RegExp(`^\\s*=\\s*${LOOKUP}\\b`).test(right);
    if (!isTested && !isFilled) return undefined;
  }
  const plain = additions.map((call) => ({ call, text: `*${pointer} += ${call.args[1]?.text ?? ""}` }));
  return additions.every((call) => standsAlone(call, lines)) ? plain : undefined;
}

/** Nobody looks at what the value was before. */
function standsAlone({ range }: Call, lines: BpfModel["code"]["lines"]): boolean {
  const left = lines.textOf(range.start.line).slice(0, range.start.character);
  const right = lines.textOf(range.end.line).slice(range.end.character);
  return /^\s*(?:(?:if|else if)\s*\(.*\)\s*|else\s*|\(void\)\s*)?$/.test(left) && /^\s*;/.test(right);
}
