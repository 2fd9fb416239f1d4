/** Rule: a value of `pinning` that libbpf does not know. */

import { replace } from "../edits.ts";
import { mapsIn, memberOf } from "../for-rules/map-rules.ts";
import { readerOf } from "../knowledge/loaders.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

const BY_NAME = "LIBBPF_PIN_BY_NAME";

export const invalidPinning: Rule = {
  meta: {
    id: "invalid-pinning",
    group: "maps",
    summary: "A kind of pinning that does not exist",
    rationale: `libbpf knows two values of \`pinning\`: \`LIBBPF_PIN_NONE\` (0) and \`LIBBPF_PIN_BY_NAME\` (1), and refuses
the object over any other. The 2 that stands in older code is \`PIN_GLOBAL_NS\` of iproute2's own format, which \`tc\`
understood before it used libbpf. aya takes what it does not know for no pinning at all.`,
    severity: "error",
    fix: "unsafe",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1024);
	__uint(pinning, 2);
} shared SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1024);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} shared SEC(".maps");`,
        refused: { by: "libbpf", says: "map 'shared': invalid pinning value 2" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const reader = readerOf(ctx.loader);
    // Who uses cilium/ebpf may give meanings of their own to other values before the maps are loaded.
    if (reader === "cilium/ebpf") return;
    for (const { definition } of mapsIn(ctx)) {
      const member = definition.isInner ? undefined : memberOf(definition, "pinning");
      if (member === undefined || member.value === BY_NAME || member.value === "LIBBPF_PIN_NONE") continue;
      const value = ctx.model.valueOf(member.value);
      if (value === undefined || value === 0n || value === 1n) continue;
      yield {
        range: member.valueRange,
        message: `there is no pinning ${member.value}: ${reader === "aya" ? "aya does not pin the map" : "libbpf refuses the file"}`,
        fixes: [{ title: `Change to ${BY_NAME}`, edits: [replace(member.valueRange, BY_NAME)] }],
        ...(reader === "aya" && { severity: "warning" }),
      };
    }
  },
};
