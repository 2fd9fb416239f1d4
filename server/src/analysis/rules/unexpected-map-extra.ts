/** Rule: `map_extra` where it means nothing. */

import { mapsIn, memberOf, removeMember, shortName } from "../for-rules/map-rules.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const unexpectedMapExtra: Rule = {
  meta: {
    id: "unexpected-map-extra",
    group: "maps",
    summary: "A map_extra in a map for which it means nothing",
    rationale: `\`map_extra\` means something to two types of maps; for every other one the kernel refuses anything but 0.
It is how many hash functions a bloom filter uses, and where an arena lies in user space. The rest is kept free for later, and
answered with \`EINVAL\`.`,
    severity: "error",
    fix: "safe",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 64);
	__uint(map_extra, 3);
} counts SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 64);
} counts SEC(".maps");`,
        refused: { by: "kernel", says: "map 'counts': failed to create: Invalid argument" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const { definition, fact, rules } of mapsIn(ctx)) {
      const member = memberOf(definition, "map_extra");
      if (fact === undefined || rules === undefined || rules.extra !== undefined || member === undefined) continue;
      const value = ctx.model.valueOf(member.value);
      if (value === undefined || value === 0n) continue;
      yield {
        range: member.range,
        message: `map_extra means nothing to ${shortName(fact)} maps: the kernel refuses the map`,
        fixes: [{ title: "Remove map_extra", edits: [removeMember(member, ctx.model)] }],
      };
    }
  },
};
