/** Rule: a program uses two storages of cgroups of one type. */

import { mayBeLeftOut, runsOf } from "../for-rules/runs.ts";
import type { Program } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";
import type { Range } from "../text.ts";

export const secondCgroupStorage: Rule = {
  meta: {
    id: "second-cgroup-storage",
    group: "maps",
    summary: "Two maps of one of the old storage types for cgroups in a program",
    rationale: `The kernel keeps one cgroup storage of a type for a program, and refuses a program with two. The types are
\`BPF_MAP_TYPE_CGROUP_STORAGE\` and \`BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE\`, and the log says
\`only one cgroup storage of each type is allowed\`. Put both into one struct. Of \`BPF_MAP_TYPE_CGRP_STORAGE\`, which came with 6.2, a program may use as many as it likes.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_STORAGE);
	__type(key, struct bpf_cgroup_storage_key);
	__type(value, __u64);
} bytes SEC(".maps"), packets SEC(".maps");

SEC("cgroup_skb/egress")
int count(struct __sk_buff *skb)
{
	__u64 *sum = bpf_get_local_storage(&bytes, 0);
	__u64 *number = bpf_get_local_storage(&packets, 0);

	*sum += skb->len;
	*number += 1;
	return 1;
}`,
        good: `struct traffic {
	__u64 bytes;
	__u64 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_STORAGE);
	__type(key, struct bpf_cgroup_storage_key);
	__type(value, struct traffic);
} traffic SEC(".maps");

SEC("cgroup_skb/egress")
int count(struct __sk_buff *skb)
{
	struct traffic *here = bpf_get_local_storage(&traffic, 0);

	here->bytes += skb->len;
	here->packets += 1;
	return 1;
}`,
        refused: { by: "kernel", says: "only one cgroup storage" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { model } = ctx;
    if (model.maps.filter(({ type }) => type !== undefined && TYPES.has(type)).length < 2) return;
    const uses = new Map<Program, Map<string, Use>>();
    const told = new Set<Program>();
    for (const call of model.calls) {
      const { map, range } = call.args.find((arg) => arg.map !== undefined) ?? {};
      if (map?.type === undefined || range === undefined || !TYPES.has(map.type)) continue;
      if (mayBeLeftOut(call, model)) continue;
      for (const { program, asks } of runsOf(call, ctx)) {
        if (asks === "flag" || told.has(program)) continue;
        const first = uses.get(program) ?? new Map<string, Use>();
        uses.set(program, first);
        const other = first.get(map.type);
        if (other === undefined) first.set(map.type, { name: map.name, range });
        if (other === undefined || other.name === map.name) continue;
        told.add(program);
        yield reportOf(program, map.type, other, { name: map.name, range });
      }
    }
  },
};

interface Use {
  /** Of the map. */
  readonly name: string;
  readonly range: Range;
}

function reportOf({ name, nameRange }: Program, type: string, first: Use, second: Use): Report {
  return {
    range: nameRange,
    message: `${name}() uses ${first.name} and ${second.name}: the verifier takes one ${type} in a program`,
    related: [first, second].map((use) => ({ range: use.range, message: `${use.name} is used here` })),
  };
}

const TYPES: ReadonlySet<string> = new Set(["BPF_MAP_TYPE_CGROUP_STORAGE", "BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE"]);
