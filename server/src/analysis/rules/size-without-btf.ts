/** Rule: a size where a type would say the same, and more. */

import { replace } from "../edits.ts";
import { mapsIn, memberOf, shortName, typeInSizeof } from "../for-rules/map-rules.ts";
import type { DefinedMember } from "../map-definitions.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

/** Types to which libbpf gives BTF and of which the kernel takes it: libbpf's bpf_object__create_map() and map_check_btf(). */
const KEEPS_BTF = new Set(["HASH", "LRU_HASH", "PERCPU_HASH", "LRU_PERCPU_HASH", "ARRAY", "PERCPU_ARRAY", "LPM_TRIE"]);

export const sizeWithoutBtf: Rule = {
  meta: {
    id: "size-without-btf",
    group: "maps",
    summary: "A size where a type would keep what the bytes mean",
    rationale: `\`__uint(value_size, sizeof(struct x))\` says how many bytes a value has, \`__type(value, struct x)\` also what they
are. The type goes into BTF with the map: \`bpftool map dump\` prints fields instead of bytes, code generators write the
structures for user space, and locks, timers and kernel pointers in values work only so. The kernel needs both types: where
one of key and value is a size alone, the BTF of the other is left out as well.

The storages of sockets, tasks, inodes and cgroups are not created without both.`,
    severity: "hint",
    fix: "safe",
    examples: [
      {
        bad: `struct event {
	__u64 start;
	__u32 pid;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__uint(value_size, sizeof(struct event));
	__uint(max_entries, 1024);
} starts SEC(".maps");`,
        good: `struct event {
	__u64 start;
	__u32 pid;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, struct event);
	__uint(max_entries, 1024);
} starts SEC(".maps");`,
      },
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__uint(value_size, sizeof(__u64));
} starts SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} starts SEC(".maps");`,
        refused: { by: "kernel", says: "map 'starts': failed to create: Invalid argument" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const { definition, fact, rules } of mapsIn(ctx)) {
      if (fact === undefined || rules === undefined) continue;
      const isNeeded = rules.btf === true && shortName(fact) !== "STRUCT_OPS";
      if (!isNeeded && !KEEPS_BTF.has(shortName(fact))) continue;
      for (const what of ["key", "value"] as const) {
        const member = memberOf(definition, `${what}_size`);
        if (member === undefined || memberOf(definition, what) !== undefined) continue;
        const type = typeIn(member);
        // The BTF of one is kept only with that of the other.
        const other = what === "key" ? "value" : "key";
        const otherSize = memberOf(definition, `${other}_size`);
        const isPair = memberOf(definition, other) !== undefined || (otherSize && typeIn(otherSize)) !== undefined;
        if (isNeeded) yield { ...needed(what, member, shortName(fact)), ...fixFor(what, member, type) };
        else if (type !== undefined && isPair)
          yield {
            range: member.range,
            message: `${member.name} keeps the type out of BTF; __type(${what}, ${type}) has the same size`,
            ...fixFor(what, member, type),
          };
      }
    }
  },
};

function needed(what: string, { range }: DefinedMember, type: string): Pick<Report, "range" | "message" | "severity"> {
  return {
    range,
    message: `${type} maps need the type of their ${what}, __type(${what}, …): the kernel refuses the map`,
    severity: "error",
  };
}

function typeIn({ value, macro }: DefinedMember): string | undefined {
  return macro === "__uint" ? typeInSizeof(value) : undefined;
}

function fixFor(what: string, { range }: DefinedMember, type: string | undefined): Pick<Report, "fixes"> {
  if (type === undefined) return {};
  const text = `__type(${what}, ${type})`;
  return { fixes: [{ title: `Change to ${text}`, edits: [replace(range, `${text};`)] }] };
}
