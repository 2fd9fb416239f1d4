/** Rule: a flag without which the kernel does not make such a map. */

import { addFlags, flagsOf, flagValue, lacks, mapsIn, memberOf, shortName } from "../for-rules/map-rules.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const missingMapFlag: Rule = {
  meta: {
    id: "missing-map-flag",
    group: "maps",
    summary: "A map without a flag that its type must have",
    rationale: `Some types of maps exist in one form alone, and the kernel refuses a map whose flags do not say so.
An LPM trie and the storages of sockets, tasks, inodes and cgroups are never allocated in advance (\`BPF_F_NO_PREALLOC\`), an
arena is always shared with user space (\`BPF_F_MMAPABLE\`). The answer is \`EINVAL\`, which does not say what is missing, and
libbpf does not add it.`,
    severity: "error",
    fix: "safe",
    examples: [
      {
        bad: `struct prefix {
	__u32 length;
	__u8 address[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct prefix);
	__type(value, __u32);
	__uint(max_entries, 255);
} routes SEC(".maps");`,
        good: `struct prefix {
	__u32 length;
	__u8 address[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct prefix);
	__type(value, __u32);
	__uint(max_entries, 255);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} routes SEC(".maps");`,
        refused: { by: "kernel", says: "map 'routes': failed to create: Invalid argument" },
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__type(key, int);
	__type(value, __u64);
	__uint(map_flags, BPF_F_CLONE);
} sockets SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__type(key, int);
	__type(value, __u64);
	__uint(map_flags, BPF_F_CLONE | BPF_F_NO_PREALLOC);
} sockets SEC(".maps");`,
        refused: { by: "kernel", says: "map 'sockets': failed to create: Invalid argument" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model, kb } = ctx;
    for (const { definition, fact, rules } of mapsIn(ctx)) {
      if (fact === undefined || rules?.requires === undefined) continue;
      const member = memberOf(definition, "map_flags");
      if (member === undefined && !lacks(definition, "map_flags")) continue;
      const given = member === undefined ? 0n : flagsOf(member.value, ctx);
      if (given === undefined) continue;
      const missing = rules.requires.filter((name) => {
        const value = flagValue(name, model, kb) ?? 0n;
        return (given & value) !== value;
      });
      if (missing.length === 0) continue;
      const edit = addFlags(definition, missing, model);
      yield {
        range: member?.valueRange ?? memberOf(definition, "type")?.valueRange ?? definition.nameRange,
        message: `${shortName(fact)} maps need ${missing.join(" and ")}: the kernel refuses the map`,
        ...(edit && { fixes: [{ title: `Add ${missing.join(" | ")}`, edits: [edit] }] }),
      };
    }
  },
};
