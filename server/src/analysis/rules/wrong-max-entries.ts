/** Rule: a number of entries that the map's type does not take, or none. */

import { replace } from "../edits.ts";
import {
  insertMember,
  type JudgedMap,
  lacks,
  mapsIn,
  memberOf,
  removeMember,
  shortName,
} from "../for-rules/map-rules.ts";
import { readerOf } from "../knowledge/loaders.ts";
import { fits } from "../knowledge/number-rules.ts";
import type { DefinedMember, MapDefinition } from "../map-definitions.ts";
import type { BpfModel } from "../model.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

/** Types whose size a loader fills in, by its own code: for perf events the number of CPUs. */
const FILLED = {
  libbpf: new Set(["PERF_EVENT_ARRAY"]),
  "cilium/ebpf": new Set(["PERF_EVENT_ARRAY", "CPUMAP"]),
  aya: new Set(["PERF_EVENT_ARRAY"]),
};

export const wrongMaxEntries: Rule = {
  meta: {
    id: "wrong-max-entries",
    group: "maps",
    summary: "A map without a number of entries, or with one that its type does not take",
    rationale: `Most maps must say in \`max_entries\` how many entries they hold at most, and the kernel refuses 0 with a bare
\`EINVAL\`. libbpf fills it in for perf event arrays alone, with the number of CPUs. User space may set it between opening and
loading the object, with \`bpf_map__set_max_entries()\` or its like; a comment that names \`max_entries\` or user space beside
the definition says so.

The storages of sockets, tasks, inodes and cgroups grow with what they belong to: there any number but 0 is refused.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1024);
} counts SEC(".maps");`,
        refused: { by: "kernel", says: "map 'counts': failed to create: Invalid argument" },
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1024);
	__type(key, int);
	__type(value, __u64);
} starts SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} starts SEC(".maps");`,
        refused: { by: "kernel", says: "map 'starts': failed to create: Invalid argument" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const reader = readerOf(ctx.loader);
    if (reader === undefined) return;
    for (const map of mapsIn(ctx)) {
      const report = judge(map, FILLED[reader], ctx.model);
      if (report !== undefined) yield report;
    }
  },
};

function judge(
  { definition, fact, rules }: JudgedMap,
  filled: ReadonlySet<string>,
  model: BpfModel,
): Report | undefined {
  if (fact === undefined || rules === undefined) return undefined;
  const type = shortName(fact);
  const { entries: rule } = rules;
  const { maxEntries: number } = definition.facts;
  const member = memberOf(definition, "max_entries");
  if (number === undefined || fits(rule, number)) return undefined;
  if (rule.exactly === 0 && member !== undefined) {
    return {
      range: member.range,
      message: `${type} maps have no max_entries: the kernel refuses any number but 0`,
      fixes: [{ title: "Remove max_entries", edits: [removeMember(member, model)], safety: "safe" }],
    };
  }
  if (number === 0) {
    if (filled.has(type) || speaksOfUserSpace(definition, model)) return undefined;
    if (member === undefined && !lacks(definition, "max_entries")) return undefined;
    return {
      range: member?.valueRange ?? definition.nameRange,
      message: `map ${definition.name} has ${member === undefined ? "no max_entries" : "a max_entries of 0"}: the kernel refuses the map unless user space sets it`,
      // Where more is missing, user space certainly does.
      severity: isUnfinished(definition, rules.value.exactly === 0) ? "hint" : "info",
      fixes: fixesFor(definition, member, type, model),
    };
  }
  if (rule.max === undefined || member === undefined) return undefined;
  return {
    range: member.valueRange,
    message: `${type} maps take at most ${rule.max} entries, not ${number}: the kernel refuses the map`,
    fixes: [{ title: `Change to ${rule.max}`, edits: [replace(member.valueRange, String(rule.max))] }],
  };
}

function isUnfinished(definition: MapDefinition, hasNoValue: boolean): boolean {
  return !hasNoValue && lacks(definition, "value", "value_size", "values");
}

/** A comment on the definition or directly above it. */
function speaksOfUserSpace({ range, bodyRange }: MapDefinition, { code: { lines } }: BpfModel): boolean {
  const isSaid = (line: number): boolean =>
    /(?:\/\/|\/\*|^\s*\*).*(?:max_entries|user[ -]?space|user code|loader|runtime|set (?:by|from|in)\b|resiz)/i.test(
      lines.textOf(line),
    );
  for (let line = range.start.line; line <= bodyRange.end.line; line++) if (isSaid(line)) return true;
  for (let line = range.start.line - 1; line >= 0 && /^\s*(?:\/\/|\/?\*)/.test(lines.textOf(line)); line--)
    if (isSaid(line)) return true;
  return false;
}

function fixesFor(
  definition: MapDefinition,
  member: DefinedMember | undefined,
  type: string,
  model: BpfModel,
): readonly Fix[] {
  const wanted = /RINGBUF$/.test(type) ? "256 * 1024" : "1024";
  const edit =
    member === undefined
      ? insertMember(definition, `__uint(max_entries, ${wanted});`, model)
      : replace(member.valueRange, wanted);
  return edit === undefined
    ? []
    : [{ title: member === undefined ? `Add __uint(max_entries, ${wanted})` : `Change to ${wanted}`, edits: [edit] }];
}
