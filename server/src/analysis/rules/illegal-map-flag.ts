/** Rule: a flag that this type of map does not take. */

import { replace } from "../edits.ts";
import { flagValue, mapsIn, memberOf, partsOf, removeMember, shortName } from "../for-rules/map-rules.ts";
import type { DefinedMember } from "../map-definitions.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

/** Taken off before the flags are looked at, whatever the type. */
const FOR_EVERY_TYPE = new Set(["BPF_F_TOKEN_FD"]);

export const illegalMapFlag: Rule = {
  meta: {
    id: "illegal-map-flag",
    group: "maps",
    summary: "A flag that the map's type does not take",
    rationale: `Every type of map has its own set of flags, and the kernel refuses a map that has another with a bare
\`EINVAL\`. \`BPF_F_NO_PREALLOC\` is for hash tables, LPM tries and the storages of sockets, tasks, inodes and cgroups,
\`BPF_F_MMAPABLE\` for plain arrays and arenas, \`BPF_F_NO_COMMON_LRU\` for LRU tables, and per-CPU maps take no NUMA node.`,
    severity: "error",
    fix: "safe",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
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
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_MMAPABLE | BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 16);
} counts SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 16);
} counts SEC(".maps");`,
        refused: { by: "kernel", says: "map 'counts': failed to create: Invalid argument" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model, kb } = ctx;
    for (const { definition, fact, rules } of mapsIn(ctx)) {
      const member = memberOf(definition, "map_flags");
      if (fact === undefined || rules === undefined || member === undefined) continue;
      const legal = rules.flags.reduce((sum, name) => sum | (flagValue(name, model, kb) ?? 0n), 0n);
      const parts = partsOf(member.value);
      const illegal = parts.filter((part) => {
        const value = kb.enumerator("flag", part) === undefined ? undefined : flagValue(part, model, kb);
        return value !== undefined && (value & ~legal) !== 0n && !FOR_EVERY_TYPE.has(part);
      });
      if (illegal.length === 0) continue;
      yield {
        range: member.valueRange,
        message: `${shortName(fact)} maps do not take ${illegal.join(" and ")}: the kernel refuses the map`,
        fixes: [without(member, parts, illegal, ctx)],
      };
    }
  },
};

function without(
  member: DefinedMember,
  parts: readonly string[],
  illegal: readonly string[],
  { model }: RuleContext,
): Fix {
  const rest = parts.filter((part) => !illegal.includes(part));
  const edit = rest.length === 0 ? removeMember(member, model) : replace(member.valueRange, rest.join(" | "));
  return { title: `Remove ${illegal.join(" and ")}`, edits: [edit] };
}
