/** Rule: a map of maps that does not say what its maps look like. */

import { lacks, mapsIn } from "../for-rules/map-rules.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const missingInnerMap: Rule = {
  meta: {
    id: "missing-inner-map",
    group: "maps",
    summary: "A map of maps without an inner map",
    rationale: `The kernel creates a map of maps only when it is shown an inner map, after which all of them are made.
\`__array(values, struct { … })\` as the last member says it in the definition. Without that, user space must hand over a map
before the object is loaded, with \`bpf_map__set_inner_map_fd()\` or, in Go, \`MapSpec.InnerMap\`.`,
    severity: "info",
    fix: "none",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 16);
} tables SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 16);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_ARRAY);
		__type(key, __u32);
		__type(value, __u64);
		__uint(max_entries, 4);
	});
} tables SEC(".maps");`,
        refused: { by: "kernel", says: "map 'tables': failed to create" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const { definition, fact, rules } of mapsIn(ctx)) {
      if (fact === undefined || rules?.inner !== true || definition.isInner || !lacks(definition, "values")) continue;
      yield {
        range: definition.nameRange,
        message: `map ${definition.name} has no inner map in values: the kernel refuses the map unless user space sets one`,
      };
    }
  },
};
