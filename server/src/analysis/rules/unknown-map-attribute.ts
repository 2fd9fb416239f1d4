/** Rule: a member of a map definition that no loader knows. */

import { replace } from "../edits.ts";
import { attributeMeantBy, MAP_ATTRIBUTES, mapsIn, memberOf, removeMember } from "../for-rules/map-rules.ts";
import { readerOf } from "../knowledge/loaders.ts";
import type { DefinedMember } from "../map-definitions.ts";
import type { Fix, Report, Rule, RuleContext } from "../rule.ts";

export const unknownMapAttribute: Rule = {
  meta: {
    id: "unknown-map-attribute",
    group: "maps",
    summary: "A member of a map definition that no loader knows",
    rationale: `libbpf and cilium/ebpf refuse the whole file at the first member of a map whose name they do not know. A map
is a structure whose members are looked at by name when the object is opened, so a slip of the pen in one map (\`unknown
field\`) keeps every program of the file from being loaded. aya passes over such a member without a word, and the map gets no
value there.

Known are \`type\`, \`key\`, \`key_size\`, \`value\`, \`value_size\`, \`values\`, \`max_entries\`, \`map_flags\`, \`map_extra\`,
\`pinning\` and, to libbpf, \`numa_node\`.`,
    severity: "error",
    fix: "safe",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entry, 1024);
} counts SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1024);
} counts SEC(".maps");`,
        refused: { by: "libbpf", says: "map 'counts': unknown field 'max_entry'" },
      },
      {
        bad: `struct prefix {
	__u32 length;
	__u8 address[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct prefix);
	__type(value, __u64);
	__uint(max_entries, 1024);
	__uint(flags, BPF_F_NO_PREALLOC);
} routes SEC(".maps");`,
        good: `struct prefix {
	__u32 length;
	__u8 address[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct prefix);
	__type(value, __u64);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} routes SEC(".maps");`,
        refused: { by: "libbpf", says: "map 'routes': unknown field 'flags'" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const reader = readerOf(ctx.loader);
    if (reader === undefined) return;
    const known = MAP_ATTRIBUTES[reader];
    for (const { definition } of mapsIn(ctx)) {
      for (const member of definition.members) {
        if (known.includes(member.name)) continue;
        const meant = attributeMeantBy(member.name, known);
        const consequence = reader === "aya" ? "aya passes over it" : `${reader} refuses the file`;
        const isTypo = meant !== undefined && memberOf(definition, meant) === undefined;
        yield {
          range: member.nameRange,
          message: `maps have no member ${member.name}: ${consequence}${isTypo ? `; write ${meant}` : ""}`,
          // aya takes the file as it is: there a fix changes what the map is.
          fixes: [
            { ...fixFor(member, isTypo ? meant : undefined, ctx), ...(reader === "aya" && { safety: "unsafe" }) },
          ],
          ...(reader === "aya" && { severity: "warning" }),
        };
      }
    }
  },
};

function fixFor(member: DefinedMember, meant: string | undefined, { model }: RuleContext): Fix {
  return meant === undefined
    ? { title: `Remove ${member.name}`, edits: [removeMember(member, model)], safety: "unsafe" }
    : { title: `Change to ${meant}`, edits: [replace(member.nameRange, meant)] };
}
