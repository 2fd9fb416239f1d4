/** Rule: a flag of a map that a target does not know. */

import { replace } from "../edits.ts";
import { flagNeeds, type JudgedMap, mapsIn, memberOf, partsOf, removeMember } from "../for-rules/map-rules.ts";
import { type Lack, lacking, lackingSince, lackText } from "../for-rules/verdicts.ts";
import type { DefinedMember } from "../map-definitions.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const mapFlagNotOnTarget: Rule = {
  meta: {
    id: "map-flag-not-on-target",
    group: "kernels",
    summary: "A flag of a map that a target does not know",
    rationale: `A kernel creates a map only when it knows every flag in \`map_flags\`, and without the map the load fails.
Any other bit is \`Invalid argument\`. Some flags are as old as the map type, others came years later, or for one type after
another.

Where user space sets the flags by the kernel it finds (\`bpf_map__set_map_flags()\`), leave them out of the definition.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");`,
        target: "5.4",
        unshown: "the running kernel knows the flag",
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
	__type(key, __u32);
	__type(value, __u64);
} settings SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u64);
} settings SEC(".maps");`,
        target: "4.19",
        unshown: "the running kernel knows the flag",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    if (ctx.targets.length === 0) return;
    for (const map of mapsIn(ctx)) {
      const member = memberOf(map.definition, "map_flags");
      if (member === undefined || map.fact === undefined) continue;
      // A kernel without the type asks for none of its flags.
      const able = ctx.targets.filter(
        (target) =>
          lacking({ kind: "map-type", name: map.fact?.name ?? "" }, { ...ctx, targets: [target] }).length === 0,
      );
      const parts = partsOf(member.value);
      for (const flag of parts) {
        const lacks = lacksOf(flag, map, { ...ctx, targets: able });
        if (lacks.length === 0) continue;
        yield {
          range: member.valueRange,
          message: `${flag} is not on ${lackText(lacks)}`,
          fixes: isNeeded(flag, map) ? [] : [without(flag, parts, member, ctx)],
        };
      }
    }
  },
};

/** Without it the map is not created, or the maps in it are refused: only those of another size have this flag. */
function isNeeded(flag: string, { rules }: JudgedMap): boolean {
  return flag === "BPF_F_INNER_MAP" || rules?.requires?.includes(flag) === true;
}

function lacksOf(flag: string, map: JudgedMap, ctx: RuleContext): readonly Lack[] {
  const needs = flagNeeds(flag, map);
  if (needs === undefined) return [];
  const general = lacking(needs.flag, ctx);
  return general.length > 0 || needs.later === undefined ? general : lackingSince(needs.later, ctx);
}

function without(flag: string, parts: readonly string[], member: DefinedMember, { model }: RuleContext): Fix {
  const rest = parts.filter((part) => part !== flag);
  const edit = rest.length === 0 ? removeMember(member, model) : replace(member.valueRange, rest.join(" | "));
  return { title: `Remove ${flag}`, edits: [edit] };
}
