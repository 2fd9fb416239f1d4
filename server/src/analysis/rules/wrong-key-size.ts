/** Rule: a key that the map's type does not take. */

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
import type { Report, Rule, RuleContext } from "../rule.ts";

export const wrongKeySize: Rule = {
  meta: {
    id: "wrong-key-size",
    group: "maps",
    summary: "A key of a size that the map's type does not take",
    rationale: `The kernel checks the size of keys when it creates a map and answers with \`EINVAL\`, which says nothing about
the reason. Arrays of every kind, and most maps that hold kernel objects, are indexed by a 32-bit number. Queues, stacks,
bloom filters and ring buffers have no key at all. The key of an LPM trie is a prefix length of 4 bytes and at least one byte
to compare. Those of the storages are an \`int\`, whatever they belong to.

On kernels before 5.11 a hash map's key is limited to 512 bytes.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u64);
	__type(value, __u64);
	__uint(max_entries, 16);
} counts SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 16);
} counts SEC(".maps");`,
        refused: { by: "kernel", says: "map 'counts': failed to create: Invalid argument" },
      },
      {
        bad: `struct job {
	__u32 pid;
};

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__type(key, __u32);
	__type(value, struct job);
	__uint(max_entries, 128);
} jobs SEC(".maps");`,
        good: `struct job {
	__u32 pid;
};

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__type(value, struct job);
	__uint(max_entries, 128);
} jobs SEC(".maps");`,
        refused: { by: "kernel", says: "map 'jobs': failed to create: Invalid argument" },
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

function judge({ definition, fact, rules }: JudgedMap, ctx: RuleContext): Report | undefined {
  if (fact === undefined || rules === undefined) return undefined;
  const { keySize: size } = definition.facts;
  const member = memberOf(definition, "key", "key_size");
  const type = shortName(fact);
  if (member === undefined) {
    if (fits(rules.key, 0) || !lacks(definition, "key", "key_size") || fillsIn(type, ctx)) return undefined;
    // Of a definition that is a type alone user space says everything.
    if (lacks(definition, "value", "value_size", "values", "max_entries")) return undefined;
    const wanted = rules.key.exactly === 4 ? insertMember(definition, "__type(key, __u32);", ctx.model) : undefined;
    return {
      range: definition.nameRange,
      message: `map ${definition.name} has no key: ${type} maps need one of ${wantedSize(rules.key)}`,
      // User space may still set it, though hardly anybody does.
      severity: "warning",
      ...(wanted && { fixes: [{ title: "Add __type(key, __u32)", edits: [wanted] }] }),
    };
  }
  if (size === undefined || !Number.isSafeInteger(size)) return undefined;
  if (fits(rules.key, size)) {
    const old = sizeBefore(rules, "key", size, ctx);
    if (old === undefined) return undefined;
    return {
      range: member.valueRange,
      message: `a key of ${bytes(size)} is refused on ${old.targets}: keys of ${type} maps have ${old.wanted} there`,
      // User space may adapt it to an old kernel.
      severity: "warning",
    };
  }
  if (rules.key.exactly === 0) {
    return {
      range: member.range,
      message: `${type} maps have no key: the kernel refuses the map`,
      fixes: [{ title: `Remove ${member.name}`, edits: [removeMember(member, ctx.model)], safety: "safe" }],
    };
  }
  const edit = rules.key.exactly === 4 && member.name === "key" ? replace(member.valueRange, "__u32") : undefined;
  return {
    range: member.valueRange,
    message: `keys of ${type} maps have ${wantedSize(rules.key)}, not ${bytes(size)}: the kernel refuses the map`,
    ...(edit && { fixes: [{ title: "Change to __u32", edits: [edit] }] }),
  };
}

/** cilium/ebpf sets both sizes of this type by itself. */
function fillsIn(type: string, { loader, model }: RuleContext): boolean {
  return type === "PERF_EVENT_ARRAY" && (readerOf(loader) === "cilium/ebpf" || isForGo(model));
}
