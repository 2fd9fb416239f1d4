/** Rule: an inner map that is pinned, or holds maps itself. */

import { type JudgedMap, mapsIn, memberOf, removeMember } from "../for-rules/map-rules.ts";
import { readerOf } from "../knowledge/loaders.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const invalidInnerMap: Rule = {
  meta: {
    id: "invalid-inner-map",
    group: "maps",
    summary: "An inner map that is pinned or holds maps itself",
    rationale: `An inner map is only a pattern for the kernel, thrown away after the load: there is nothing to pin, and maps
do not nest. The loader makes a map of what stands in \`__array(values, struct { … })\` and shows it to the kernel.
\`pinning\` in it is refused (\`inner def can't be pinned\`), and so is a third level: \`multi-level inner maps not
supported\`.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 16);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_HASH);
		__type(key, __u32);
		__type(value, __u64);
		__uint(max_entries, 4);
		__uint(pinning, LIBBPF_PIN_BY_NAME);
	});
} tables SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 16);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_HASH);
		__type(key, __u32);
		__type(value, __u64);
		__uint(max_entries, 4);
	});
} tables SEC(".maps");`,
        refused: { by: "libbpf", says: "map 'tables.inner': inner def can't be pinned" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const map of mapsIn(ctx)) if (map.definition.isInner) yield* judge(map, ctx);
  },
};

function* judge({ definition, rules }: JudgedMap, { loader, model }: RuleContext): Iterable<Report> {
  const pinning = memberOf(definition, "pinning");
  if (pinning !== undefined) {
    yield {
      range: pinning.range,
      message: `an inner map cannot be pinned: ${readerOf(loader)} refuses the file`,
      fixes: [{ title: "Remove pinning", edits: [removeMember(pinning, model)], safety: "safe" }],
    };
  }
  const values = memberOf(definition, "values");
  if (values === undefined && rules?.inner !== true) return;
  const place = values ?? memberOf(definition, "type");
  yield {
    range: place?.nameRange ?? definition.nameRange,
    message: "an inner map cannot hold maps itself: there are two levels and no more",
  };
}
