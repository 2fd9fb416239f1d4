/** Rule: a NUMA node that nobody looks at. */

import { addFlags, flagsOf, flagValue, lacks, mapsIn, memberOf } from "../for-rules/map-rules.ts";
import { readerOf } from "../knowledge/loaders.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

const FLAG = "BPF_F_NUMA_NODE";

export const ignoredNumaNode: Rule = {
  meta: {
    id: "ignored-numa-node",
    group: "maps",
    summary: "A NUMA node without the flag that makes it count",
    rationale: `The kernel looks at \`numa_node\` only with \`BPF_F_NUMA_NODE\` in \`map_flags\`; else the map lies wherever
it was made. Node 0 and "none given" are the same number. libbpf hands it over and does not add the flag, and nothing tells.`,
    severity: "warning",
    fix: "unsafe",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 64);
	__uint(numa_node, 0);
} counts SEC(".maps");`,
        good: `struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 64);
	__uint(numa_node, 0);
	__uint(map_flags, BPF_F_NUMA_NODE);
} counts SEC(".maps");`,
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model, kb, loader } = ctx;
    if (readerOf(loader) !== "libbpf") return;
    const needed = flagValue(FLAG, model, kb);
    for (const { definition, rules } of mapsIn(ctx)) {
      const node = memberOf(definition, "numa_node");
      if (node === undefined || needed === undefined || rules?.flags.includes(FLAG) !== true) continue;
      const member = memberOf(definition, "map_flags");
      const flags =
        member === undefined ? (lacks(definition, "map_flags") ? 0n : undefined) : flagsOf(member.value, ctx);
      if (flags === undefined || (flags & needed) !== 0n) continue;
      const edit = addFlags(definition, [FLAG], model);
      yield {
        range: node.range,
        message: `the kernel looks at numa_node only with ${FLAG} in map_flags`,
        ...(edit && { fixes: [{ title: `Add ${FLAG}`, edits: [edit] }] }),
      };
    }
  },
};
