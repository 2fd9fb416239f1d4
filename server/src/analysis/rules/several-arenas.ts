/** Rule: more than one arena in a file. */

import { mapsIn, memberOf } from "../for-rules/map-rules.ts";
import { readerOf } from "../knowledge/loaders.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

const ARENA = "BPF_MAP_TYPE_ARENA";

export const severalArenas: Rule = {
  meta: {
    id: "several-arenas",
    group: "maps",
    summary: "More than one arena in a file",
    rationale: `The kernel takes no program that uses two arenas, and libbpf refuses a file that defines more than one.
All arena pointers of a program lead into the same one, in which libbpf places the file's \`__arena\` variables (\`only single
ARENA map is supported\`). What should be apart goes to different pages of the same arena.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 16);
} arena SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 16);
} spare SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 32);
} arena SEC(".maps");`,
        unshown: "the libbpf of this machine need not know arenas",
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    if (readerOf(ctx.loader) !== "libbpf") return;
    const arenas = mapsIn(ctx).filter(({ fact, definition }) => fact?.name === ARENA && !definition.isInner);
    const [first, ...others] = arenas.filter(
      ({ definition: { range } }) => ctx.model.code.compiledWhen(range).length === 0,
    );
    for (const { definition } of others) {
      yield {
        range: memberOf(definition, "type")?.valueRange ?? definition.nameRange,
        message: `map ${definition.name} is a second arena: libbpf refuses the file`,
        related: first === undefined ? [] : [{ range: first.definition.nameRange, message: "the first arena" }],
      };
    }
  },
};
