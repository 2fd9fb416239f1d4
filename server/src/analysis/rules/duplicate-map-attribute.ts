/** Rule: a member that a map definition has twice. */

import { mapsIn, removeMember } from "../for-rules/map-rules.ts";
import type { DefinedMember } from "../map-definitions.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const duplicateMapAttribute: Rule = {
  meta: {
    id: "duplicate-map-attribute",
    group: "maps",
    summary: "A map attribute that is given twice",
    rationale: `Every attribute of a map is a member of a structure, and clang refuses two members of one name.
It reports a \`duplicate member\` in the expansion of a macro. That is what stays behind when a definition was copied and
changed.`,
    severity: "error",
    fix: "unsafe",
    saidByC: true,
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 10240);
} counts SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");`,
        refused: { by: "clang", says: "duplicate member 'max_entries'" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const { definition } of mapsIn(ctx)) {
      const first = new Map<string, DefinedMember>();
      for (const member of definition.members) {
        const earlier = first.get(member.name);
        if (earlier === undefined) {
          first.set(member.name, member);
          continue;
        }
        const isSame = earlier.value === member.value && earlier.macro === member.macro;
        yield {
          range: member.nameRange,
          message: `${member.name} is given twice: clang refuses two members of one name`,
          related: [{ range: earlier.nameRange, message: "given here before" }],
          fixes: [
            {
              title: `Remove this ${member.name}`,
              edits: [removeMember(member, ctx.model)],
              safety: isSame ? "safe" : "unsafe",
            },
          ],
        };
      }
    }
  },
};
