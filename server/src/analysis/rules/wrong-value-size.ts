/** Rule: a value that the map's type does not take. */

import { replace } from "../edits.ts";
import { isForGo } from "../for-rules/file-kinds.ts";
import {
  bytes,
  insertMember,
  type JudgedMap,
  lacks,
  mapsIn,
  memberOf,
  removeMember,
  shortName,
  sizeBefore,
  wantedSize,
} from "../for-rules/map-rules.ts";
import { readerOf } from "../knowledge/loaders.ts";
import { fits } from "../knowledge/number-rules.ts";
import type { DefinedMember } from "../map-definitions.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const wrongValueSize: Rule = {
  meta: {
    id: "wrong-value-size",
    group: "maps",
    summary: "A value of a size that the map's type does not take",
    rationale: `The kernel checks the size of values when it creates a map and answers with \`EINVAL\` or \`E2BIG\`, which says
nothing about the reason. Maps of programs, of maps and of perf events hold numbers of 4 bytes, whatever is sent through them. A
ring buffer has no values: its records are as large as each \`bpf_ringbuf_reserve()\` says. Stack traces are made of
addresses of 8 bytes. A value of a per-CPU map may not be larger than 32 KiB.

cilium/ebpf leaves out the type of a ring buffer's or perf event array's value, which its code generator likes to have.
libbpf hands it on to the kernel.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `struct event {
	__u32 pid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__type(value, struct event);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");`,
        good: `struct event {
	__u32 pid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");`,
        refused: { by: "kernel", says: "map 'events': failed to create: Invalid argument" },
      },
      {
        bad: `struct event {
	__u32 pid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, __u32);
	__type(value, struct event);
} events SEC(".maps");`,
        good: `struct event {
	__u32 pid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
} events SEC(".maps");`,
        refused: { by: "kernel", says: "map 'events': failed to create: Invalid argument" },
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__uint(value_size, 64 * 1024);
	__uint(max_entries, 1);
} buffer SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__uint(value_size, 32768);
	__uint(max_entries, 1);
} buffer SEC(".maps");`,
        refused: { by: "kernel", says: "map 'buffer': failed to create: Argument list too long" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const map of mapsIn(ctx)) {
      const report = judge(map, ctx);
      if (report !== undefined) yield report;
    }
  },
};

function judge(map: JudgedMap, ctx: RuleContext): Report | undefined {
  const { definition, fact, rules } = map;
  if (fact === undefined || rules === undefined) return undefined;
  const { valueSize: size } = definition.facts;
  const member = memberOf(definition, "value", "value_size");
  // What is wrong beside `values` is the matter of conflicting-map-size.
  if (memberOf(definition, "values") !== undefined) return undefined;
  const type = shortName(fact);
  if (member === undefined) return missing(map, ctx);
  if (size === undefined || !Number.isSafeInteger(size)) return undefined;
  const { value: rule } = rules;
  if (fits(rule, size)) {
    const old = sizeBefore(rules, "value", size, ctx);
    if (old === undefined) return undefined;
    return {
      range: member.valueRange,
      message: `a value of ${bytes(size)} is refused on ${old.targets}: values of ${type} maps have ${old.wanted} there`,
      // User space may adapt it to an old kernel.
      severity: "warning",
    };
  }
  const doubt = dropsValues(type) && member.name === "value";
  if (doubt && (readerOf(ctx.loader) === "cilium/ebpf" || isForGo(ctx.model))) return undefined;
  const severity = doubt ? ({ severity: "warning" } as const) : {};
  if (rule.exactly === 0) {
    return {
      range: member.range,
      message: `${type} maps have no values: the kernel refuses the map`,
      fixes: [{ title: `Remove ${member.name}`, edits: [removeMember(member, ctx.model)], safety: "safe" }],
      ...severity,
    };
  }
  return {
    range: member.valueRange,
    message: `values of ${type} maps have ${wantedSize(rule)}, not ${bytes(size)}: the kernel refuses the map`,
    fixes: fixesFor(member, rule.exactly ?? rule.anyOf?.[0], rule.max),
    ...severity,
  };
}

/** A definition may leave the size to user space, as those of stack traces do. */
function missing({ definition, fact, rules }: JudgedMap, ctx: RuleContext): Report | undefined {
  if (fact === undefined || rules === undefined || fits(rules.value, 0) || rules.inner === true) return undefined;
  const type = shortName(fact);
  if (!lacks(definition, "value", "value_size", "values")) return undefined;
  // Where no number is given at all, somebody else gives them.
  if (!fits(rules.entries, 0) && type !== "PERF_EVENT_ARRAY" && lacks(definition, "max_entries")) return undefined;
  if (type === "PERF_EVENT_ARRAY" && (readerOf(ctx.loader) === "cilium/ebpf" || isForGo(ctx.model))) return undefined;
  const edit = rules.value.exactly === 4 ? insertMember(definition, "__type(value, __u32);", ctx.model) : undefined;
  return {
    range: definition.nameRange,
    message: `map ${definition.name} has no value: ${type} maps need one of ${wantedSize(rules.value)}, here or from user space`,
    severity: "info",
    ...(edit && { fixes: [{ title: "Add __type(value, __u32)", edits: [edit] }] }),
  };
}

/** Types whose value cilium/ebpf leaves out where it is given as a type. */
function dropsValues(type: string): boolean {
  return type === "RINGBUF" || type === "PERF_EVENT_ARRAY" || type === "ARENA";
}

function fixesFor(member: DefinedMember, size: number | undefined, max: number | undefined): readonly Fix[] {
  if (member.name === "value_size") {
    const wanted = size ?? max;
    return wanted === undefined
      ? []
      : [{ title: `Change to ${wanted}`, edits: [replace(member.valueRange, String(wanted))] }];
  }
  return size === 4 ? [{ title: "Change to __u32", edits: [replace(member.valueRange, "__u32")] }] : [];
}
